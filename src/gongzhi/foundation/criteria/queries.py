"""Questions to criteria: what the town decides by, and whom a criterion meets."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from gongzhi.foundation.criteria import judging, language, masks
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.language import Node
from gongzhi.foundation.criteria.models import Criterion, CriterionVersion, Parameter, ParameterValue
from gongzhi.kernel.actors import Actor

MOST_TRIED = 400_000


@dataclass(frozen=True, slots=True)
class Trial:
    """Whom a definition meets: how many, what is missing where it is unknown, what did not fit its field."""

    yes: int
    no: int
    unknown: int
    made: bool  # on made samples, since no register brings rows
    missing: tuple[tuple[str, int], ...] = ()
    faults: int = 0

    @property
    def total(self) -> int:
        return self.yes + self.no + self.unknown


def criteria(*, seen_by: Actor) -> QuerySet[Criterion]:
    """Return the town's criteria, by title."""
    return Criterion.objects.visible_to(seen_by).order_by("title", "pk")


def criterion_for(*, seen_by: Actor, code: str) -> Criterion:
    """Return the criterion with this code."""
    return Criterion.objects.visible_to(seen_by).get(code=code)


def versions(*, seen_by: Actor, criterion: Criterion) -> QuerySet[CriterionVersion]:
    """Return the versions of a criterion, the newest first."""
    return CriterionVersion.objects.visible_to(seen_by).filter(criterion=criterion).select_related("criterion").order_by("-number")


def draft_of(*, seen_by: Actor, criterion: Criterion) -> CriterionVersion | None:
    """Return the version that is being drafted."""
    return versions(seen_by=seen_by, criterion=criterion).filter(adopted_at__isnull=True).first()


def version_on(*, seen_by: Actor, criterion: Criterion, on: date) -> CriterionVersion | None:
    """Return the version by which the town decides on a day."""
    held = versions(seen_by=seen_by, criterion=criterion).filter(adopted_at__isnull=False, valid_from__lte=on)
    return held.order_by("-valid_from", "-number").first()


def parameter_list(*, seen_by: Actor) -> QuerySet[Parameter]:
    """Return the parameters with their values."""
    return Parameter.objects.visible_to(seen_by).prefetch_related("values").order_by("title", "pk")


def parameters(*, seen_by: Actor) -> dict[str, language.Parameter]:
    """Return the parameters as conditions use them."""
    values: dict[int, list[tuple[date, Fraction | None]]] = {}
    for row in ParameterValue.objects.visible_to(seen_by).order_by("valid_from"):
        values.setdefault(row.parameter_id, []).append((row.valid_from, None if row.value is None else Fraction(row.value)))
    return {one.code: language.Parameter(one.code, one.title, one.unit, tuple(values.get(one.pk, ()))) for one in Parameter.objects.visible_to(seen_by)}


def node_of(*, seen_by: Actor, version: CriterionVersion) -> Node:
    """Return the conditions of a version; raise BadCriterion where they can no longer be read (its subject or a parameter is gone)."""
    subject = registry.subject(version.criterion.subject)
    if subject is None:
        raise language.BadCriterion([f"/: {version.criterion.subject}"])
    return language.read(version.definition, subject, parameters(seen_by=seen_by))


def judge(*, seen_by: Actor, version: CriterionVersion, values: Mapping[str, Any], on: date, confirmed: Mapping[str, bool] | None = None) -> judging.Reason:
    """Return whether values meet a version on a day, with the reasons; nothing of the values is kept."""
    return judging.judge(node_of(seen_by=seen_by, version=version), values, on=on, parameters=parameters(seen_by=seen_by), confirmed=confirmed)


def trial(*, seen_by: Actor, version: CriterionVersion, on: date) -> Trial:
    """Return whom a version meets among the register's rows that the asker sees; among made samples where there is no register."""
    subject = registry.subject(version.criterion.subject)
    node = node_of(seen_by=seen_by, version=version)
    assert subject is not None
    rows = list(subject.rows(seen_by=seen_by, on=on, most=MOST_TRIED)) if subject.rows else list(subject.samples(on)) if subject.samples else []
    known = parameters(seen_by=seen_by)
    compiler = masks.Compiler(table := masks.Table(rows), on, known)
    yes, no = compiler.masks(node)
    unknown = [rows[index] for index in (~(yes | no)).nonzero()[0][:2_000]]
    missing = Counter(what for row in unknown for what in judging.judge(node, row, on=on, parameters=known).missing)
    return Trial(
        int(yes.sum()), int(no.sum()), len(rows) - int(yes.sum()) - int(no.sum()), subject.rows is None, tuple(missing.most_common(8)), len(table.faults)
    )
