from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.management_line.feeds.said import told

SILENT = timedelta(minutes=15)


class Feed(HasState, TownOwned):
    """A subscription at an MQTT 5 broker 数据订阅. Its password is sealed; what messages mean stands in its mappings."""

    class State(models.TextChoices):
        WAITING = "waiting", "待连接"
        CONNECTED = "connected", "已连接"
        BROKEN = "broken", "连接中断"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "waiting": (_("not connected yet"), "work", "clock"),
        "connected": (_("connected"), "done", "circle-check"),
        "broken": (_("connection broken"), "late", "triangle-alert"),
    }

    SEALED: ClassVar[dict[str, str]] = {"sealed_password": "feed"}

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    host = models.CharField(max_length=200)
    port = models.PositiveIntegerField(default=1883)
    tls = models.BooleanField(default=False)
    authority = models.TextField(blank=True, help_text="PEM of the broker's own certificate authority; empty: those of the system")
    username = models.CharField(max_length=120, blank=True)
    sealed_password = models.TextField(blank=True)
    topic = models.TextField(help_text="topic filters, one a line, with $share/GROUP/ before them when several processes share the work")
    qos = models.PositiveSmallIntegerField(default=1)
    session_seconds = models.PositiveIntegerField(default=86_400, help_text="how long the broker keeps what came while we were away")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0, help_text="counts changes of the feed and its mappings, so that the process reads them again")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    state_at = models.DateTimeField(null=True, blank=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    last_said = models.JSONField(default=list, blank=True, help_text="the same as msgids with parameters, where it was ours to say")
    messages = models.BigIntegerField(default=0)
    readings = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "code"], name="one_feed_per_code"),
            models.CheckConstraint(condition=Q(qos__in=[0, 1]), name="feed_qos_is_0_or_1"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state_words(self) -> Words:
        return super().state_words if self.is_active else (_("switched off"), "", "circle-dot")

    @property
    def error(self) -> str:
        """Return what went wrong last in the reader's words; a broker's own words stay as they came."""
        return told(self.last_said) or self.last_error

    @property
    def topics(self) -> list[str]:
        return self.topic.splitlines()

    @property
    def address(self) -> str:
        """Return the broker's address as it is written."""
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    @property
    def session_hours(self) -> float:
        return self.session_seconds / 3600

    @property
    def has_password(self) -> bool:
        return bool(self.sealed_password)

    @property
    def is_broken(self) -> bool:
        return self.is_active and self.state == self.State.BROKEN

    def is_silent(self, at: datetime) -> bool:
        """Return whether it is connected and has heard nothing for a quarter of an hour."""
        since = self.last_message_at or self.state_at or self.made_at
        return self.is_active and self.state == self.State.CONNECTED and at - since > SILENT


class Mapping(TownOwned):
    """What the messages of some topics mean 映射. The first mapping of a feed whose topic fits is used."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="mappings")
    place = models.PositiveSmallIntegerField(default=0)
    definition = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "feed", "place"], name="one_mapping_per_place")]

    def __str__(self) -> str:
        return str(self.definition.get("topic", ""))


class FeedSession(TownOwned):
    """What one client of a feed has kept last and perhaps not yet told the broker: digests of messages without a time of their own."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="+")
    client = models.CharField(max_length=80)
    recent = models.BinaryField(default=bytes)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "feed", "client"], name="one_session_per_client")]

    def __str__(self) -> str:
        return self.client


class RefusedMessage(TownOwned):
    """A message, or a part of one, that could not be used, with the reason."""

    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="refusals")
    received_at = models.DateTimeField()
    topic = models.CharField(max_length=400)
    reason = models.CharField(max_length=300, help_text="in the words of the process that refused it")
    said = models.JSONField(default=list, blank=True, help_text="the same as msgids with parameters; none of what was refused before they were kept")
    payload = models.BinaryField()
    size = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["town", "feed", "-received_at"], name="refused_message_newest")]

    def __str__(self) -> str:
        return self.reason

    @property
    def why(self) -> str:
        """Return the reason in the reader's words."""
        return told(self.said) or self.reason

    @property
    def text(self) -> str:
        """Return the beginning of the payload as it can be shown."""
        return bytes(self.payload)[:400].decode("utf-8", "replace").replace("\0", "�")


class ImportRecipe(TownOwned):
    """What the columns of a kind of files mean 导入方案, kept for the next file of the same form."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    definition = models.JSONField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_import_recipe_per_code")]

    def __str__(self) -> str:
        return self.name


class FileImport(HasState, TownOwned):
    """A file of readings on its way in 读数导入. Every row of it is accounted for; where it has come to stands beside what was kept, in one transaction."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "已上传"
        RUNNING = "running", "导入中"
        DONE = "done", "已完成"
        FAILED = "failed", "中断"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "uploaded": (_("not begun"), "work", "file-up"),
        "running": (_("being imported"), "work", "loader"),
        "done": (_("imported"), "done", "circle-check"),
        "failed": (_("broken off"), "late", "triangle-alert"),
    }

    name = models.CharField(max_length=200)
    path = models.CharField(max_length=500, help_text="where the file lies; empty once it was thrown away")
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    by = models.CharField(max_length=60)
    brought_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    definition = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    moved_at = models.DateTimeField(help_text="of the last batch; one that runs and has not moved for long was left by its worker")
    error = models.CharField(max_length=400, blank=True)
    row = models.PositiveBigIntegerField(default=0, help_text="number of the last row that is accounted for")
    rows = models.PositiveBigIntegerField(default=0, help_text="rows below the header")
    rows_used = models.PositiveBigIntegerField(default=0, help_text="of which at least one reading was taken")
    rows_blank = models.PositiveBigIntegerField(default=0, help_text="that hold no value")
    rows_refused = models.PositiveBigIntegerField(default=0, help_text="of which nothing could be used")
    taken = models.PositiveBigIntegerField(default=0)
    repeated = models.PositiveBigIntegerField(default=0)
    corrected = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0, help_text="values that could not be used")
    empty = models.PositiveBigIntegerField(default=0, help_text="cells without a value")
    below = models.PositiveBigIntegerField(default=0, help_text="values below the detection limit")

    class Meta:
        indexes = [models.Index(fields=["town", "-brought_at"], name="file_import_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def values(self) -> int:
        return self.taken + self.repeated + self.corrected + self.refused + self.empty

    @property
    def is_begun(self) -> bool:
        return self.state != self.State.UPLOADED

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def can_go_on(self) -> bool:
        return self.state == self.State.FAILED and bool(self.path)

    @property
    def has_failed(self) -> bool:
        return self.state == self.State.FAILED


class RefusedCell(TownOwned):
    """A row of a file, or a cell of it, that could not be used, with the reason."""

    file = models.ForeignKey(FileImport, on_delete=models.PROTECT, related_name="refusals")
    row = models.PositiveBigIntegerField()
    column = models.CharField(max_length=200, blank=True)
    text = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, help_text="in the words of the process that refused it")
    said = models.JSONField(default=list, blank=True, help_text="the same as msgids with parameters; none of what was refused before they were kept")

    class Meta:
        indexes = [models.Index(fields=["town", "file", "row"], name="refused_cell_by_row")]

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"

    @property
    def why(self) -> str:
        """Return the reason in the reader's words."""
        return told(self.said) or self.reason
