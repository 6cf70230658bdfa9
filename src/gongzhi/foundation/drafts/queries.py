"""Drafts, for their owners alone."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gongzhi.foundation.drafts.models import KEPT_FOR, Draft
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as its owner reads it."""

    id: int
    purpose: str
    values: dict[str, Any]
    attachment_ids: tuple[int, ...]
    version: int
    touched_at: datetime
    ends_at: datetime


def _kept(draft: Draft) -> Kept:
    values = json.loads(sealing.unseal(draft.values_sealed, "draft") or "{}")
    return Kept(draft.pk, draft.purpose, values, tuple(draft.attachment_ids), draft.version, draft.touched_at, draft.touched_at + KEPT_FOR)


def draft_for(*, seen_by: Actor, session: str = "", purpose: str, at: datetime) -> Kept | None:
    """Return one's own draft for a purpose, or None; one that has ended is none."""
    found = Draft.objects.visible_to(seen_by, session).filter(purpose=purpose, touched_at__gt=at - KEPT_FOR).first()
    return _kept(found) if found is not None else None


def drafts(*, seen_by: Actor, session: str = "", beginning: str = "", at: datetime) -> list[Kept]:
    """Return one's own drafts whose purpose begins with a word, the newest first."""
    found = Draft.objects.visible_to(seen_by, session).filter(purpose__startswith=beginning, touched_at__gt=at - KEPT_FOR)
    return [_kept(one) for one in found.order_by("-touched_at")[:50]]


def holds(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether a paper lies in a draft of this person's own."""
    return seen_by.person_id is not None and Draft.objects.visible_to(seen_by).filter(attachment_ids__contains=[attachment_id]).exists()
