"""Visits to homes: what has changed since when, on whose word. A visit is written down offline and taken later, once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.record import queries as record_queries
from gongzhi.registers.record.operations import NoSuchWord
from gongzhi.registers.residents import rules
from gongzhi.registers.residents.facts import HomeVisited
from gongzhi.registers.residents.models import Dwelling, Resident, Visit
from gongzhi.registers.residents.operations import people

MOST = 60  # people of one visit
SOURCE = "入户走访"
BASIS = "《居住证暂行条例》第五条；网格化服务管理"


class NoSuchOutcome(Refused):
    sentence = _("Say whom you met: somebody, nobody, refused, or that it stands empty.")
    field = "outcome"


class TooEarly(Refused):
    sentence = _("A visit is told within thirty days, and not before it was made.")
    field = "visited_at"


class TooMany(Refused):
    sentence = _("A visit tells of at most sixty people.")
    field = "changes"


class ChangedMeanwhile(Refused):
    sentence = _("Somebody else has changed this meanwhile; look at it again.")


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one part of a visit: taken, known, or refused with the field and the sentence."""

    place: int
    outcome: str
    resident_id: int | None = None
    field: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A visit as it was taken, with what became of each of its parts."""

    visit: Visit
    found: tuple[Found, ...]
    is_new: bool = True


@operation
def record_visit(*, by: Actor, at: datetime, key: UUID, dwelling_id: int, visited_at: datetime, outcome: str, word: str = "own",
                 changes: Sequence[Mapping[str, Any]] = ()) -> Taken:  # fmt: skip
    """Take a visit: `changes` holds for each person {"resident_id": 5, "seen": 812, "values": {"phone": "…"}}, without an id for somebody new.

    `seen` is the newest statement that the telephone knew of them; what was told since is not written over, but given back with the rest of
    what could not be taken, and all of it stays in the visit. The same key again returns the visit as it was taken.
    """
    dwelling = Dwelling.objects.select_related("area").get(pk=dwelling_id)
    ensure(rules.may_visit, dwelling.area.path if dwelling.area else "")
    known = Visit.objects.filter(key=key).first()
    if known is not None:
        record(HomeVisited(subject=ref(known), dwelling_id=known.dwelling_id, outcome=known.outcome, changes=0, conflicts=0))
        return Taken(known, tuple(Found(**one) for one in json.loads(sealing.unseal(known.found_sealed, "visit") or "{}").get("found", ())), is_new=False)
    if outcome not in Visit.Outcome.values:
        raise NoSuchOutcome
    if word not in record_queries.WORDS:
        raise NoSuchWord
    if not at - timedelta(days=30) <= visited_at <= at + timedelta(minutes=5):
        raise TooEarly
    if len(changes) > MOST:
        raise TooMany
    newest = record_queries.newest_statements(
        seen_by=by, register="residents", subject_ids=[int(one["resident_id"]) for one in changes if one.get("resident_id")]
    )
    found = [_take(by, at, place, one, dwelling, word, newest) for place, one in enumerate(changes)]
    told = {"changes": [dict(one) for one in changes], "found": [asdict(one) for one in found]}
    visit = Visit.objects.create(
        town_id=current_town(), key=key, dwelling=dwelling, outcome=outcome, word=word, visited_at=visited_at, taken_at=at, by=by.ref[:60],
        changes=sum(one.outcome == "taken" for one in found), conflicts=sum(one.outcome == "refused" for one in found),
        found_sealed=sealing.seal(json.dumps(told, ensure_ascii=False, default=str), "visit"),
    )  # fmt: skip
    record(HomeVisited(subject=ref(visit), dwelling_id=dwelling.pk, outcome=outcome, changes=visit.changes, conflicts=visit.conflicts))
    return Taken(visit, tuple(found))


def _take(by: Actor, at: datetime, place: int, one: Mapping[str, Any], dwelling: Dwelling, word: str, newest: Mapping[int, int]) -> Found:
    """Take what was found of one person; a refusal is given back and leaves the rest of the visit alone."""
    resident_id = int(one["resident_id"]) if one.get("resident_id") else None
    given = {str(name): str(text) for name, text in dict(one.get("values") or {}).items()}
    ground: dict[str, Any] = {"source": SOURCE, "basis": BASIS, "word": str(one.get("word") or word), "visiting": True}
    try:
        with transaction.atomic():
            if resident_id is None:
                made = people.register_resident(by=by, at=at, given={"address": dwelling.address, **given}, **ground)
                return Found(place, "taken", made.pk)
            if not Resident.objects.visible_to(by).filter(pk=resident_id).exists():
                raise Resident.DoesNotExist
            if newest.get(resident_id, 0) > int(one.get("seen") or 0):
                raise ChangedMeanwhile
            people.change_resident(by=by, at=at, resident_id=resident_id, given=given, **ground)
            return Found(place, "taken", resident_id)
    except people.NothingChanged:
        return Found(place, "known", resident_id)
    except Resident.DoesNotExist:
        return Found(place, "refused", resident_id, "resident_id", str(_("This person is not in your grid.")))
    except Refused as refused:
        return Found(place, "refused", resident_id, refused.field or "", str(refused))
