"""Acts on attachments."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.attachments import images, rules
from gongzhi.foundation.attachments.facts import AttachmentAdded, AttachmentsClosed
from gongzhi.foundation.attachments.models import Attachment
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

MOST_PHOTO = 12_000_000
MOST_PAPER = 20_000_000


class EmptyFile(Refused):
    sentence = _("This file is empty.")
    field = "photos"


class TooLarge(Refused):
    sentence = _("This file is too large: at most %(most)s MB.")
    field = "photos"


class UnknownType(Refused):
    sentence = _("This sort of file cannot be taken; send a photo (JPEG, PNG, WebP) or a PDF.")
    field = "photos"


class NotReadable(Refused):
    sentence = _("This photo cannot be read; please take it again.")
    field = "photos"


@operation
def add_attachment(*, by: Actor, at: datetime, content: bytes, name: str, is_public: bool = False) -> Attachment:
    """Keep a photo or paper: type by its bytes, metadata stripped, variants made.

    The files are written before the row, so that whatever is acknowledged is there; a file whose row was never
    committed is found by the cleaning task.
    """
    ensure(rules.may_add)
    if not content:
        raise EmptyFile
    kind = images.content_type(content)
    if kind is None:
        raise UnknownType
    limits = territory.town(seen_by=by).settings.get("attachment_limits", {})
    most = int(limits.get("paper", MOST_PAPER)) if kind == "application/pdf" else int(limits.get("photo", MOST_PHOTO))
    if len(content) > most:
        raise TooLarge(most=most // 1_000_000)
    width = height = None
    variants: dict[str, bytes] = {}
    if kind != "application/pdf":
        try:
            prepared = images.prepare(content)
        except images.NotReadable as error:
            raise NotReadable from error
        content, width, height, variants = prepared.content, prepared.width, prepared.height, prepared.variants
    key = secrets.token_urlsafe(18)
    folder = f"{current_town()}/{at:%Y/%m}"
    stored = default_storage.save(f"{folder}/{key}.{images.ENDINGS[kind]}", ContentFile(content))
    kept = {variant: default_storage.save(f"{folder}/{key}.{variant}.jpg", ContentFile(made)) for variant, made in variants.items()}
    attachment = Attachment.objects.create(
        town_id=current_town(), key=key, name=name.strip()[-120:] or key, content_type=kind, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), width=width, height=height, variants=kept, stored=stored, added_by=by.ref, added_at=at,
        is_public=is_public,
    )  # fmt: skip
    record(AttachmentAdded(subject=ref(attachment), public=False, sha256=attachment.sha256, size=attachment.size, content_type=kind))
    return attachment


@operation
def close_attachments(*, by: Actor, at: datetime, attachment_ids: Iterable[int]) -> int:
    """Let an address alone open these photos and papers no more: what they hang on is not for everybody. Return how many were open."""
    ensure(rules.may_close)
    ids = sorted(Attachment.objects.filter(pk__in=list(attachment_ids), is_public=True).values_list("pk", flat=True))
    Attachment.objects.filter(pk__in=ids).update(is_public=False)
    record(AttachmentsClosed(subject=f"attachments.attachment:{ids[0] if ids else 0}", public=False, attachment_ids=tuple(ids)))
    return len(ids)
