"""What happened to cases, one after another, for whoever asks how work really goes: ways, times, hands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count

from gongzhi.cases.lifecycle import FINAL_STATES, QUIET, Act
from gongzhi.cases.models import Case, Step
from gongzhi.cases.models.case import counted_visibilities, slug_of
from gongzhi.cases.queries.figures import _under
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.towns import current_town

# acts that tell of a case without moving it on, and those of tasks, which run beside each other
BESIDE = QUIET | {
    Act.FOLLOW_UP, Act.RAISE_SEVERITY, Act.MOVE_PROCEDURE, Act.RECLASSIFY, Act.PARTY, Act.EXTEND, Act.JOIN,
}  # fmt: skip
CHUNK = 20_000


@dataclass(slots=True)
class History:
    """A case with what was done on it: (act, or the named result that was decided; when; by which organ)."""

    case_id: int
    number: str
    slug: str
    area_id: int | None
    category_id: int | None
    lead_id: int | None
    procedure_id: int | None
    opened_at: datetime
    is_over: bool
    events: list[tuple[str, datetime, int | None]] = field(default_factory=list)


_FINAL = frozenset(str(state.value) for state in FINAL_STATES)
_OF_CASE = tuple(f"case__{name}" for name in ("number", "year", "serial", "area_id", "category_id", "lead_id", "procedure_id", "opened_at", "state"))


def histories(*, seen_by: Actor, kind: str, since: datetime, until: datetime, area_path: str = "", organ_id: int | None = None) -> Iterator[History]:
    """Yield what happened to the cases of a kind that came in from `since` on and before `until`, case by case.

    Only those that figures tell this actor of. `organ_id`: cases that this organ leads. Notes, urging, ratings and tasks are left out.
    """
    found = Step.objects.filter(
        _under(area_path, "case__"), case__town_id=current_town(), case__kind=kind, case__opened_at__gte=since, case__opened_at__lt=until,
        case__visibility__in=counted_visibilities(seen_by),
    ).exclude(act__in=[act.value for act in BESIDE])  # fmt: skip
    if organ_id is not None:
        found = found.filter(case__lead_id=organ_id)
    rows = found.order_by("case_id", "pk").values_list("case_id", "act", "at", "organ_id", "details__result", *_OF_CASE)
    present: History | None = None
    for case_id, act, at, organ, result, number, year, serial, area_id, category_id, lead_id, procedure_id, opened_at, state in rows.iterator(CHUNK):
        if present is None or present.case_id != case_id:
            if present is not None:
                yield present
            present = History(case_id, number, slug_of(year, serial), area_id, category_id, lead_id, procedure_id, opened_at, state in _FINAL)
        present.events.append((str(result) if act == Act.DECIDE and result else act, at, organ))
    if present is not None:
        yield present


def counted_by_kind(*, seen_by: Actor, since: datetime, until: datetime) -> dict[str, int]:
    """Return how many cases of each kind came in from `since` on and before `until`, of those that figures tell this actor of."""
    found = Case.objects.counted_for(seen_by).filter(town_id=current_town(), opened_at__gte=since, opened_at__lt=until)
    return dict(found.order_by().values_list("kind").annotate(n=Count("pk")))
