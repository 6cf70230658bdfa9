from django.db import models

from gongzhi.kernel.tables import TownOwned


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(self, actor: object) -> "FilingQuerySet":
        """Return filings. Whoever asks: they are asked for by a case that one may see, and hold nothing that it does not show."""
        return self


class Filing(TownOwned):
    """How a report came in 报事来源: through which door, and what was suggested to whoever wrote it."""

    class Door(models.TextChoices):
        PAGE = "page", "网页"
        API = "api", "接口"
        OPEN311 = "open311", "Open311"
        IMPORT = "import", "导入"

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    door = models.CharField(max_length=10, choices=Door, default=Door.PAGE)
    client = models.CharField(max_length=60, blank=True, help_text="name of the program that sent it")
    suggested = models.CharField(max_length=20, blank=True, help_text="code of the first suggestion")
    confidence = models.FloatField(null=True, blank=True)
    taken = models.BooleanField(default=False, help_text="the suggestion was taken")
    contact_agreed_at = models.DateTimeField(null=True, blank=True, help_text="a phone or e-mail was left to be asked back")
    media_url = models.CharField(max_length=400, blank=True, help_text="picture elsewhere that the sender named; kept as a link, not fetched")
    filed_at = models.DateTimeField()

    objects = FilingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["town", "case"], name="filing_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.door}"
