"""Acts of the evaluation: adopt and end indicators, and say which stand in the scorecard of organs."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.evaluation import formula as formulas
from gongzhi.evaluation import rules
from gongzhi.evaluation.detecting import Found
from gongzhi.evaluation.facts import FindingsMade, IndicatorAdopted, IndicatorEnded, ScorecardChanged
from gongzhi.evaluation.models import Finding, Indicator
from gongzhi.evaluation.shipped import SHIPPED
from gongzhi.kernel import figures
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

FAULTS: dict[str, Any] = {
    "unreadable": _("“%(about)s” is no formula; one looks like share(cases.on_time)."),
    "unknown_aggregate": _("“%(about)s” is nothing that can be worked out; known are share, median, mean, count and sum."),
    "unknown_figure": _("There is no figure “%(about)s”."),
    "unfit": _("“%(about)s” does not fit: a share is of yes and no, a median and a mean are of amounts."),
}


class FormulaRefused(Refused):
    sentence = _("The formula cannot be used: %(fault)s")
    field = "formula"


class NoSource(Refused):
    sentence = _("Name the document that the indicator comes from.")
    field = "source"


class NoTarget(Refused):
    sentence = _("Say what is aimed at, or that higher and lower are alike.")
    field = "target"


class NoSoftCounterpart(Refused):
    sentence = _("A hard indicator stands in the scorecard only beside a soft one. Name a soft indicator that holds.")
    field = "counterpart"


class StillNeeded(Refused):
    sentence = _("“%(title)s” stands in the scorecard beside it. Take that one out first.")


@operation
def adopt_indicator(
    *, by: Actor, at: datetime, code: str, title: str, definition: str, formula: str, unit: str, side: str, direction: str, source: str,
    title_en: str = "", definition_en: str = "", counterpart: str = "", target: float | None = None, owner_id: int | None = None, least: int = 5,
    rank: int = 50, in_scorecard: bool = False,
) -> Indicator:  # fmt: skip
    """Let a version of an indicator hold from now on; the version before it ends. Raises FormulaRefused, NoSource, NoTarget, NoSoftCounterpart."""
    former = Indicator.objects.select_for_update().in_force().filter(code=code).first()
    ensure(rules.may_define_indicators)
    try:
        formulas.parse(formula, figures.known())
    except formulas.BadFormula as bad:
        raise FormulaRefused(fault=FAULTS[bad.reason] % {"about": bad.about}) from bad
    if not source.strip():
        raise NoSource()
    if direction != Indicator.Direction.NONE and target is None:
        raise NoTarget()
    newest = Indicator.objects.filter(code=code).order_by("-version").values_list("version", flat=True).first() or 0
    if former is not None:
        _check_not_needed(former, stays_soft=side == Indicator.Side.SOFT)
        former.ended_at = at
        former.save()
    made = Indicator(
        town_id=current_town(), code=code, version=newest + 1, title=title, title_en=title_en, definition=definition, definition_en=definition_en,
        formula=formula, unit=unit, side=side, counterpart=counterpart, direction=direction, target=target, owner_id=owner_id, source=source.strip(),
        least=least, rank=rank, in_scorecard=in_scorecard, adopted_at=at,
    )  # fmt: skip
    if in_scorecard:
        _check_counterpart(made)
    made.save()
    record(IndicatorAdopted(subject=ref(made), code=code, version=made.version, formula=formula, target=target))
    return made


def _check_counterpart(indicator: Indicator) -> None:
    """Refuse a hard indicator without a soft one that holds and stands in the scorecard too."""
    if indicator.is_hard and not Indicator.objects.in_force().filter(code=indicator.counterpart, side=Indicator.Side.SOFT, in_scorecard=True).exists():
        raise NoSoftCounterpart()


def _check_not_needed(indicator: Indicator, *, stays_soft: bool = False) -> None:
    """Refuse to take a soft indicator away from the hard one that it stands beside."""
    if indicator.is_hard or stays_soft or not indicator.in_scorecard:
        return
    beside = Indicator.objects.in_force().filter(side=Indicator.Side.HARD, counterpart=indicator.code, in_scorecard=True).order_by("pk").first()
    if beside is not None:
        raise StillNeeded(title=beside.label)


@operation
def end_indicator(*, by: Actor, at: datetime, code: str) -> Indicator:
    """End an indicator: it is measured no more. Raises StillNeeded for a soft one beside a hard one in the scorecard."""
    indicator = Indicator.objects.select_for_update().in_force().get(code=code)
    ensure(rules.may_define_indicators)
    _check_not_needed(indicator)
    indicator.ended_at = at
    indicator.save()
    record(IndicatorEnded(subject=ref(indicator), code=code, version=indicator.version))
    return indicator


@operation
def set_in_scorecard(*, by: Actor, at: datetime, code: str, is_in: bool) -> Indicator:
    """Put an indicator into the scorecard of organs, or take it out. Raises NoSoftCounterpart, StillNeeded."""
    indicator = Indicator.objects.select_for_update().in_force().get(code=code)
    ensure(rules.may_define_indicators)
    if is_in:
        _check_counterpart(indicator)
    else:
        _check_not_needed(indicator)
    indicator.in_scorecard = is_in
    indicator.save()
    record(ScorecardChanged(subject=ref(indicator), code=code, is_in=is_in))
    return indicator


@operation
def adopt_shipped_indicators(*, by: Actor, at: datetime, owner_id: int | None = None) -> list[Indicator]:
    """Adopt those of the indicators that the product brings which the town does not have, soft ones first, all in the scorecard."""
    ensure(rules.may_define_indicators)
    have = set(Indicator.objects.values_list("code", flat=True))
    lacking = [one for one in SHIPPED if one["code"] not in have]
    made = [adopt_indicator(by=by, at=at, owner_id=owner_id, in_scorecard=True, **one) for one in lacking]
    record(ScorecardChanged(subject=f"territory.town:{current_town()}", code="shipped", is_in=True))
    return made


@operation
def make_findings(*, by: Actor, at: datetime, week: date, found: Iterable[Found]) -> list[Finding]:
    """Keep what was found in a week's look through the record; a week that was kept before stays as it is."""
    ensure(rules.may_look_through)
    known = set(Finding.objects.filter(week=week).values_list("sort", "key"))
    made = [
        Finding(
            town_id=current_town(), week=week, sort=one.sort, key=one.key[:120], sureness=one.sureness, figures=one.figures, slugs=one.slugs,
            organ_id=one.organ_id, found_at=at,
        )
        for one in found if (one.sort, one.key[:120]) not in known
    ]  # fmt: skip
    Finding.objects.bulk_create(made)
    record(FindingsMade(subject=f"territory.town:{current_town()}", week=week.isoformat(), count=len(made)))
    return made
