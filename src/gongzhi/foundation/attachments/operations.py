"""Acts on attachments."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.attachments import images, papers, rules
from gongzhi.foundation.attachments.facts import AttachmentAdded, AttachmentRemade, AttachmentsClosed
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
    sentence = _("This sort of file cannot be taken; send a photo (JPEG, HEIC, PNG, WebP) or a PDF.")
    field = "photos"


class NotReadable(Refused):
    sentence = _("This photo cannot be read; please take it again.")
    field = "photos"


class TooManyPixels(NotReadable):
    sentence = _("This photo has too many points to be opened here: at most %(most)d million. Please send a smaller one.")
    field = "photos"


class Busy(Refused):
    sentence = _("Many photos are coming in at this moment; please send it again in a minute.")
    field = "photos"
    status = 503


def _prepared(content: bytes) -> images.Prepared:
    try:
        return images.prepare(content)
    except images.TooManyPixels as error:
        raise TooManyPixels(most=images.MOST_PIXELS // 1_000_000) from error
    except images.NotReadable as error:
        raise NotReadable from error
    except images.Busy as error:
        raise Busy from error


@operation
def add_attachment(*, by: Actor, at: datetime, content: bytes, name: str, is_public: bool = False) -> Attachment:
    """Keep a photo or paper: type by its bytes, of a photo nothing but its pixels, of a paper its pages, variants made.

    A paper that cannot be rid of what it says of its makers (see `papers`) is not public, whatever `is_public` says.

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
        prepared = _prepared(content)
        content, kind, width, height, variants = prepared.content, prepared.content_type, prepared.width, prepared.height, prepared.variants
    else:
        paper = papers.prepare(content)
        content, is_public = paper.content, is_public and paper.is_clean
    key = secrets.token_urlsafe(18)
    stored, kept = _store(f"{current_town()}/{at:%Y/%m}", key, content, kind, variants)
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


def _store(folder: str, key: str, content: bytes, kind: str, variants: dict[str, bytes]) -> tuple[str, dict[str, str]]:
    """Write the files of an attachment; return the name of the file and those of its variants."""
    stored = default_storage.save(f"{folder}/{key}.{images.ENDINGS[kind]}", ContentFile(content))
    return stored, {variant: default_storage.save(f"{folder}/{key}.{variant}.jpg", ContentFile(made)) for variant, made in variants.items()}


@operation
def remake_attachment(*, by: Actor, at: datetime, attachment_id: int) -> Attachment:
    """Make a photo's files anew of its pixels, where an earlier release left anything else in them; its address stays. Raises NotReadable.

    The ledger has the digest of the file before and after: what was given on is known by either. The old files go when the new ones are committed.
    """
    attachment = Attachment.objects.select_for_update().get(pk=attachment_id)
    ensure(rules.may_remake)
    with default_storage.open(attachment.stored) as file:
        prepared = _prepared(file.read())
    before, old = attachment.sha256, [attachment.stored, *attachment.variants.values()]
    folder = attachment.stored.rpartition("/")[0]
    attachment.stored, attachment.variants = _store(folder, secrets.token_urlsafe(18), prepared.content, prepared.content_type, prepared.variants)
    attachment.sha256, attachment.size = hashlib.sha256(prepared.content).hexdigest(), len(prepared.content)
    attachment.content_type, attachment.width, attachment.height = prepared.content_type, prepared.width, prepared.height
    attachment.save(update_fields=["stored", "variants", "sha256", "size", "content_type", "width", "height"])
    record(AttachmentRemade(subject=ref(attachment), public=False, before=before, sha256=attachment.sha256, size=attachment.size))
    transaction.on_commit(lambda: _throw_away(old))
    return attachment


def _throw_away(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)
