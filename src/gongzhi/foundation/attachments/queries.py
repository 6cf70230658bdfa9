"""Attachments by id and by address."""

from collections.abc import Iterable

from django.db.models import QuerySet

from gongzhi.foundation.attachments.models import Attachment
from gongzhi.kernel.actors import Actor


def attachments(*, seen_by: Actor, attachment_ids: Iterable[int]) -> QuerySet[Attachment]:
    """Return these attachments of the present town in order of their ids."""
    return Attachment.objects.visible_to(seen_by).filter(pk__in=list(attachment_ids)).order_by("pk")


def attachment_by_key(*, seen_by: Actor, key: str) -> Attachment:
    """Return the attachment at an address; raise Attachment.DoesNotExist."""
    return Attachment.objects.visible_to(seen_by).get(key=key)


def stored_files(*, seen_by: Actor, folder: str) -> set[str]:
    """Return the names of all files under a folder of the store that a row of this town names."""
    found: set[str] = set()
    for stored, variants in Attachment.objects.visible_to(seen_by).filter(stored__startswith=f"{folder}/").values_list("stored", "variants"):
        found.add(stored)
        found.update(variants.values())
    return found


def photos(*, seen_by: Actor) -> QuerySet[Attachment]:
    """Return all photos of the present town in order of their ids."""
    return Attachment.objects.visible_to(seen_by).filter(content_type__startswith="image/").order_by("pk")
