"""Acts on drafts."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.drafts import rules
from gongzhi.foundation.drafts.facts import DraftDropped, DraftKept, DraftsExpired
from gongzhi.foundation.drafts.models import KEPT_FOR, Draft, session_mark
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

MOST_BYTES = 200_000


class TooMuch(Refused):
    sentence = _("This is more than a draft can hold. Shorten the longest answers, or add them as a file.")


class KeptElsewhere(Refused):
    sentence = _("You have gone on with this on another device. Load the page anew to see what you wrote there.")


@operation
def keep_draft(
    *, by: Actor, at: datetime, purpose: str, values: Mapping[str, Any], attachment_ids: Iterable[int] = (), session: str = "",
    version: int | None = None,
) -> Draft:  # fmt: skip
    """Keep what somebody fills in, in place of what was kept for the same purpose.

    `version`: the one that this was written on (None: whichever). A person's draft never touches a session's.
    Raises TooMuch, and KeptElsewhere where another device has kept a newer one.
    """
    found = Draft.objects.visible_to(by, session).select_for_update().filter(purpose=purpose).first()
    ensure(rules.may_keep, session)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MOST_BYTES:
        raise TooMuch
    if found is not None and version is not None and found.version != version:
        raise KeptElsewhere(found)
    if found is None:
        mark = "" if by.person_id is not None else session_mark(session)
        found = Draft(town_id=current_town(), person_id=by.person_id, session=mark, purpose=purpose, begun_at=at, version=0)
    found.values_sealed, found.attachment_ids = sealing.seal(text, "draft"), sorted(set(attachment_ids))
    found.touched_at, found.version = at, found.version + 1
    found.save()
    record(DraftKept(subject=ref(found)))
    return found


@operation
def drop_draft(*, by: Actor, at: datetime, purpose: str, session: str = "") -> int:
    """Throw one's own draft away: it was sent, or is not wanted. Return how many there were."""
    found = Draft.objects.visible_to(by, session).select_for_update().filter(purpose=purpose).first()
    ensure(rules.may_keep, session)
    record(DraftDropped(subject=ref(found) if found is not None else f"territory.town:{current_town()}"))
    if found is None:
        return 0
    found.delete()
    return 1


@operation
def expire_drafts(*, by: Actor, at: datetime) -> int:
    """Throw away what nobody touched for thirty days; return how many."""
    ensure(rules.may_expire)
    count, _by_table = Draft.objects.filter(touched_at__lte=at - KEPT_FOR).delete()
    record(DraftsExpired(subject=f"territory.town:{current_town()}", count=count))
    return count


@operation
def forget_drafts(*, by: Actor, at: datetime, person_id: int) -> int:
    """Throw away the drafts of somebody whose details are erased; return how many."""
    ensure(rules.may_expire)
    count, _by_table = Draft.objects.filter(person_id=person_id).delete()
    record(DraftsExpired(subject=f"people.person:{person_id}", count=count))
    return count
