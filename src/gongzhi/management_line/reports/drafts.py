"""A report while it is being written: kept on the server, in the session, so that nothing typed is lost between pages."""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from gongzhi.kernel import numbers

SESSION = "report_draft"


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


def keep(session: Any, draft: Draft) -> None:
    """Keep the draft."""
    session[SESSION] = asdict(draft)


def drop(session: Any) -> None:
    """Forget the draft."""
    session.pop(SESSION, None)
