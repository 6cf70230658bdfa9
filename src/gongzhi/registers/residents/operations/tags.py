"""Tags of care and of control: two rooms, each with its own right, nothing said of the one in the other."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record.operations import NoBasis, NoSource
from gongzhi.registers.residents import rules
from gongzhi.registers.residents.facts import TagEnded, TagSet
from gongzhi.registers.residents.models import CareTag, ControlTag, Tag
from gongzhi.registers.residents.operations._reach import area_path, locked

ROOMS: dict[str, type[Tag]] = {"care": CareTag, "control": ControlTag}
LONGEST = 366  # days until a tag is looked at again


class NoSuchRoom(Refused):
    sentence = _("Choose care or control.")
    field = "room"


class NoSuchTag(Refused):
    sentence = _("Choose one of the tags of this room.")
    field = "kind"


class StandsAlready(Refused):
    sentence = _("This tag stands already; look at it again or end it.")
    field = "kind"


class BadDays(Refused):
    sentence = _("A tag ends after it begins, and is looked at again within a year of its beginning or of the last look.")
    field = "review_on"


class HasEnded(Refused):
    sentence = _("This tag has ended already.")


def _room(room: str) -> type[Any]:
    if room not in ROOMS:
        raise NoSuchRoom
    return ROOMS[room]


def _held(room: str, tag_id: int) -> Any:
    return _room(room).objects.select_for_update(of=("self",)).select_related("resident__dwelling__area").get(pk=tag_id)


@operation
def set_tag(*, by: Actor, at: datetime, room: str, resident_id: int, kind: str, basis: str, source: str, starts_on: date, review_on: date,
            ends_on: date | None = None, is_told: bool = True, note: str = "") -> Tag:  # fmt: skip
    """Tag somebody, with the law or rule it rests on, from when until when, and the day by which it is looked at again."""
    model = _room(room)
    one = locked(resident_id)
    ensure(rules.may_tag, room, area_path(one))
    if kind not in model.KIND_WORDS:
        raise NoSuchTag
    if not basis.strip():
        raise NoBasis
    if not source.strip():
        raise NoSource
    if (ends_on is not None and ends_on <= starts_on) or not 0 < (review_on - starts_on).days <= LONGEST:
        raise BadDays
    if model.objects.on(starts_on).filter(resident=one, kind=kind).exists():
        raise StandsAlready
    tag = model.objects.create(
        town_id=current_town(), resident=one, kind=kind, basis=basis.strip()[:200], source=source.strip()[:120], starts_on=starts_on, ends_on=ends_on,
        review_on=review_on, is_told=is_told, note_sealed=sealing.seal(note.strip(), f"{room}-note"), set_by=by.ref[:60], set_at=at,
    )  # fmt: skip
    record(TagSet(subject=ref(tag), room=room, review_on=review_on))
    return tag  # type: ignore[no-any-return]


@operation
def review_tag(*, by: Actor, at: datetime, room: str, tag_id: int, review_on: date) -> Tag:
    """Say that a tag still holds, and by when it is looked at again."""
    tag = _held(room, tag_id)
    ensure(rules.may_tag, room, area_path(tag.resident))
    today = territory.day_of(seen_by=by, at=at)
    if tag.ends_on is not None and tag.ends_on <= today:
        raise HasEnded
    if not 0 < (review_on - today).days <= LONGEST:
        raise BadDays
    tag.reviewed_on, tag.review_on = today, review_on
    tag.save(update_fields=["reviewed_on", "review_on"])
    record(TagSet(subject=ref(tag), room=room, review_on=review_on))
    return tag  # type: ignore[no-any-return]


@operation
def end_tag(*, by: Actor, at: datetime, room: str, tag_id: int, ends_on: date) -> Tag:
    """End a tag; from that day it holds no longer, and stays in the history."""
    tag = _held(room, tag_id)
    ensure(rules.may_tag, room, area_path(tag.resident))
    if tag.ends_on is not None and tag.ends_on <= territory.day_of(seen_by=by, at=at):
        raise HasEnded
    if ends_on < tag.starts_on:
        raise BadDays(field="ends_on")
    tag.ends_on, tag.ended_by = ends_on, by.ref[:60]
    tag.save(update_fields=["ends_on", "ended_by"])
    record(TagEnded(subject=ref(tag), room=room, on=ends_on))
    return tag  # type: ignore[no-any-return]
