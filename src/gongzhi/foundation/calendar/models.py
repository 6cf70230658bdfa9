from typing import Any

from django.db import models

from gongzhi.kernel.tables import TownOwned


class DayQuerySet(models.QuerySet["DayException"]):
    def visible_to(self, actor: Any) -> "DayQuerySet":
        """Return all. Whoever asks: when the town works is public."""
        return self


class DayException(TownOwned):
    """A day on which this town works or rests otherwise than the nation 镇历例外."""

    day = models.DateField()
    is_working = models.BooleanField()
    reason = models.CharField(max_length=80)

    objects = DayQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "day"], name="one_exception_per_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


class OfficeHoursQuerySet(models.QuerySet["OfficeHours"]):
    def visible_to(self, actor: Any) -> "OfficeHoursQuerySet":
        """Return all. Whoever asks: when the town works is public."""
        return self


class OfficeHours(TownOwned):
    """The office hours 办公时间 from a day on. Running clocks count each day by the hours that held on it."""

    valid_from = models.DateField()
    shifts = models.JSONField(help_text='[["08:30", "12:00"], ["13:30", "17:00"]]')
    reason = models.CharField(max_length=120, blank=True)

    objects = OfficeHoursQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "office hours"
        constraints = [models.UniqueConstraint(fields=["town", "valid_from"], name="one_office_hours_per_day")]

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.shifts}"
