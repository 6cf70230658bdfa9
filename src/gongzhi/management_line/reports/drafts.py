"""A report while it is being written: kept on the server, in the session, so that nothing typed is lost between pages."""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from gongzhi.kernel import numbers

SESSION = "report_draft"
SENT = "report_sent"
FOLLOWED = "followed_cases"  # what the portal's middleware reads
PARTIES = "followed_parties"
MOST_SENT = 20


@dataclass(slots=True)
class Draft:
    """What has been said so far. `key` makes sending twice one case."""

    key: str = field(default_factory=lambda: str(uuid.uuid4()))
    photos: list[int] = field(default_factory=list)
    longitude: float | None = None
    latitude: float | None = None
    address: str = ""
    area_id: int | None = None
    from_photo: bool = False  # the pin stands where a photo was taken, nobody has looked at it yet
    text: str = ""
    category: str = ""  # id, "none" for none of them, "" while undecided
    contact: str = "code"  # code | phone
    phone: str = ""

    @property
    def has_place(self) -> bool:
        return self.longitude is not None or bool(self.address) or self.area_id is not None

    @property
    def category_id(self) -> int | None:
        return numbers.key(self.category)


def read(session: Any) -> Draft:
    """Return the draft of a session, or a new one; parts that an older release kept differently are left out."""
    kept = session.get(SESSION)
    if not isinstance(kept, dict):
        return Draft()
    return Draft(**{name: kept[name] for name in Draft.__slots__ if name in kept})


def is_written(session: Any) -> bool:
    """Return whether a report is being written in this session: the photo page began one, and it has not been sent or thrown away."""
    return isinstance(session.get(SESSION), dict)


def last_sent(session: Any) -> str:
    """Return the address part of the case that this session sent last, or ""."""
    return next(reversed(session.get(SENT, {})), "")


def keep(session: Any, draft: Draft) -> None:
    """Keep the draft."""
    session[SESSION] = asdict(draft)


def drop(session: Any) -> None:
    """Forget the draft."""
    session.pop(SESSION, None)


def sent(session: Any, slug: str) -> dict[str, Any] | None:
    """Return what was said to whoever sent this report in this session: {"key", "code", "kind"}."""
    found = session.get(SENT, {}).get(slug)
    return found if isinstance(found, dict) else None


def sent_as(session: Any, key: str) -> str:
    """Return the address part of the case that was sent with this key in this session, or ""."""
    return next((slug for slug, told in session.get(SENT, {}).items() if told.get("key") == key), "")


def remember_sent(session: Any, slug: str, **told: Any) -> None:
    """Remember what is shown after sending; the code stands in the session only, the database has its hash."""
    kept = dict(session.get(SENT, {}))
    kept[slug] = told
    session[SENT] = dict(list(kept.items())[-MOST_SENT:])


def open_case(session: Any, case_id: int, party_id: int) -> None:
    """Open a case to this session: its follow code was shown or entered here."""
    session[FOLLOWED] = [*[one for one in session.get(FOLLOWED, []) if one != case_id], case_id][-50:]
    session[PARTIES] = dict(session.get(PARTIES, {})) | {str(case_id): party_id}


def close_case(session: Any, case_id: int) -> None:
    """Close a case to this session again (a device that others use)."""
    session[FOLLOWED] = [one for one in session.get(FOLLOWED, []) if one != case_id]
    session[PARTIES] = {key: value for key, value in session.get(PARTIES, {}).items() if key != str(case_id)}
    session[SENT] = {slug: told for slug, told in session.get(SENT, {}).items() if told.get("case_id") != case_id}


def party_id(session: Any, case_id: int) -> int | None:
    """Return as which party this session follows a case, or None."""
    found = session.get(PARTIES, {}).get(str(case_id))
    return found if isinstance(found, int) else None
