from typing import Any

from django.db import models

from gongzhi.kernel.tables import TownOwned


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, actor: Any) -> "AttachmentQuerySet":
        """Return all. Whoever asks: by ids and unguessable addresses; `rules.may_see` decides by what an attachment hangs on."""
        return self


class Attachment(TownOwned):
    """A photo or paper 附件, known by its content: type read from the bytes, EXIF stripped, variants made."""

    key = models.CharField(max_length=40, help_text="unguessable name in addresses")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    variants = models.JSONField(default=dict, blank=True, help_text="name → stored file")
    stored = models.CharField(max_length=200)
    added_by = models.CharField(max_length=60)
    added_at = models.DateTimeField()
    is_public = models.BooleanField(default=False, help_text="anybody with the address may see it")

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key"], name="one_attachment_per_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    def url(self, variant: str = "") -> str:
        """Return the address of the file, or of a variant of it; a variant that there is no need for is the file itself."""
        return f"/attachments/{self.key}/{variant}/" if variant in self.variants else f"/attachments/{self.key}/"

    @property
    def thumb_url(self) -> str:
        return self.url("thumb")

    @property
    def large_url(self) -> str:
        return self.url("large")
