"""What a supervised unit says of readings that are held against it: kept beside them, and in force once an officer has confirmed it."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.management_line.sensing import marks
from gongzhi.management_line.sensing.models.devices import Proposed
from gongzhi.management_line.sensing.models.readings import Series
from gongzhi.management_line.sensing.models.stations import Station


class Claim(Proposed, TownOwned):
    """Other values, marks or moments of a station than those that count 数据申报. The originals stay, and stay in judgement until it is confirmed."""

    MATTER = "readings"

    class Sort(models.TextChoices):
        CORRECTION = "correction", "更正"
        MARK = "mark", "标记"
        LATE = "late", "补报"

    WORDS: ClassVar[dict[str, Any]] = {
        "correction": _("other values than were sent before"), "mark": _("a mark that takes values out of judgement"),
        "late": _("values of more than a month ago"),
    }  # fmt: skip

    station = models.ForeignKey(Station, on_delete=models.PROTECT, related_name="claims")
    sort = models.CharField(max_length=10, choices=Sort)
    mark = models.CharField(max_length=1, blank=True, help_text="of HJ 212, where it is about a mark")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["town", "station", "-made_at"], name="claim_newest")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.sort} {self.begins_at}"

    @property
    def word(self) -> Any:
        return self.WORDS[self.sort]

    @property
    def mark_word(self) -> Any:
        return marks.word(self.mark) if self.mark else ""


class ClaimedReading(TownOwned):
    """One reading as it is claimed to be."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="readings")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="+")
    measured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    value = models.FloatField()
    flag = models.CharField(max_length=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "series", "measured_at", "value", "flag"], name="one_claim_per_value")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.measured_at}: {self.value} {self.flag}"
