"""Acts on rules of warnings, and the making of forecasts."""

from datetime import date, datetime, timedelta

import numpy as np
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.warnings import queries, rules
from gongzhi.management_line.warnings.backtest import backtest
from gongzhi.management_line.warnings.facts import ForecastTrained, WarningRuleEnded, WarningRuleFaulted, WarningRuleSet
from gongzhi.management_line.warnings.forecast import fit
from gongzhi.management_line.warnings.models import ForecastModel, WarningRule

KEPT_MODELS = 8
MOST_WINDOW = 2880  # minutes


class UnknownCause(Refused):
    sentence = _("Choose what is to be watched.")
    field = "cause"


class NoReason(Refused):
    sentence = _("Say by which clause or for which reason.")
    field = "clause"


class NoFactor(Refused):
    sentence = _("Choose the factor that is watched.")
    field = "factor"


class BadThreshold(Refused):
    sentence = _("The threshold must be a number greater than nought.")
    field = "threshold"


class BadNumber(Refused):
    sentence = _("This number cannot be used here.")


class OneScope(Refused):
    sentence = _("Choose a station or a kind of station, not both.")
    field = "station_kind"


class UnknownScope(Refused):
    sentence = _("This station or kind of station is not known here.")
    field = "station"


class UnknownCategory(Refused):
    sentence = _("This category is not known here.")
    field = "category"


class BadDates(Refused):
    sentence = _("The last day must lie after the first.")
    field = "valid_to"


@operation
def set_rule(*, by: Actor, at: datetime, title: str, cause: str, clause: str, valid_from: date, factor: str = "", aggregate: str = "rtd",
             station_id: int | None = None, station_kind: str = "", threshold: float | None = None, window_minutes: int = 60, direction: str = "either",
             repeats: int = 12, tolerance: float = 0.0, radius_km: float = 5.0, horizon_hours: int = 12, count: int = 1, clean_count: int = 3,
             severity: int = 2, category_id: int | None = None, valid_to: date | None = None) -> WarningRule:  # fmt: skip
    """Set a rule of early warning for a station, for all of a kind, or for the town, from a day on. What the numbers mean stands at the model."""
    ensure(rules.may_set)
    if cause not in WarningRule.Cause.values:
        raise UnknownCause
    if not clause.strip():
        raise NoReason
    if cause != WarningRule.Cause.SILENCE and not factor.strip():
        raise NoFactor
    if threshold is None and cause != WarningRule.Cause.FORECAST:
        raise BadThreshold
    if threshold is not None and not (abs(threshold) < 1e12 and (threshold > 0 or cause == WarningRule.Cause.FORECAST)):
        raise BadThreshold
    if station_id is not None and station_kind:
        raise OneScope
    stations = sensing.stations(seen_by=by)
    if (station_id is not None and not stations.filter(pk=station_id).exists()) or (station_kind and not stations.filter(kind=station_kind).exists()):
        raise UnknownScope(field="station" if station_id is not None else "station_kind")
    if category_id is not None and cases.category(seen_by=by, category_id=category_id, on=territory.day_of(seen_by=ANYONE, at=at)) is None:
        raise UnknownCategory
    for name, value, least, most in (
        ("window_minutes", window_minutes, 5, MOST_WINDOW), ("repeats", repeats, 1, 1000), ("tolerance", tolerance, 0, 1e12),
        ("radius_km", radius_km, 0.01, 200), ("horizon_hours", horizon_hours, 1, 24), ("count", count, 1, 20), ("clean_count", clean_count, 1, 100),
        ("severity", severity, 1, 4),
    ):  # fmt: skip
        if not least <= value <= most:
            raise BadNumber(field=name)
    if direction not in WarningRule.Direction.values:
        raise BadNumber(field="direction")
    if valid_to is not None and valid_to <= valid_from:
        raise BadDates
    rule = WarningRule.objects.create(
        town_id=current_town(), title=title.strip()[:60] or str(WarningRule.CAUSE_WORDS[cause][0]), cause=cause, station_id=station_id,
        station_kind=station_kind, factor="" if cause == WarningRule.Cause.SILENCE else factor.strip(), aggregate=aggregate, threshold=threshold,
        window_minutes=window_minutes,
        direction=direction, repeats=repeats, tolerance=tolerance, radius_km=radius_km, horizon_hours=horizon_hours, count=count, clean_count=clean_count,
        severity=severity, category_id=category_id, clause=clause.strip(), valid_from=valid_from, valid_to=valid_to, set_at=at, set_by=by.ref,
    )  # fmt: skip
    record(WarningRuleSet(subject=ref(rule), cause=cause, factor=rule.factor, threshold=threshold, clause=rule.clause))
    return rule


@operation
def end_rule(*, by: Actor, at: datetime, rule_id: int, valid_to: date) -> WarningRule:
    """Let a rule hold until a day (that day no more). What it found goes on to its end."""
    rule = WarningRule.objects.select_for_update().get(pk=rule_id)
    ensure(rules.may_set)
    if valid_to < rule.valid_from:
        raise BadDates
    rule.valid_to = valid_to
    rule.save(update_fields=["valid_to"])
    record(WarningRuleEnded(subject=ref(rule), valid_to=valid_to))
    return rule


@operation
def note_fault(*, by: Actor, at: datetime, rule_id: int, fault: str) -> WarningRule:
    """Keep what stood in the way when a rule was judged last, for those who set rules; nothing where it went well."""
    rule = WarningRule.objects.select_for_update().get(pk=rule_id)
    ensure(rules.may_train)
    rule.fault, rule.faulty_at = fault[:300], at if fault else None
    rule.save(update_fields=["fault", "faulty_at"])
    record(WarningRuleFaulted(subject=ref(rule), faulty=bool(fault)))
    return rule


@operation
def train(*, by: Actor, at: datetime, series_id: int, limit: float | None = None, horizon_hours: int = 12) -> ForecastModel:
    """Fit a series and test the forecast on its own past; both are kept together. Training in the same hour again changes nothing.

    `limit`: what its warnings are tested with; the limit in force where nothing is said.
    """
    ensure(rules.may_train)
    series = sensing.series_by_id(seen_by=by, series_ids=[series_id])[series_id]
    until = at.replace(minute=0, second=0, microsecond=0)
    twin = ForecastModel.objects.filter(series_id=series_id, trained_at=until).first()
    if twin is not None:
        record(ForecastTrained(subject=ref(twin), series_id=series_id, is_better=twin.is_better))
        return twin
    line = queries.lines(seen_by=by, series_ids=[series_id], since=until - timedelta(weeks=queries.TESTED_WEEKS), until=until)[series_id]
    known = np.flatnonzero(np.isfinite(line.values))
    begin = int(known[0]) if len(known) else len(line.values)
    values, hours = line.values[begin:], line.hours[begin:]
    tested = (limit, False) if limit is not None else queries.limit_for(seen_by=by, series_id=series_id, at=at)
    score = backtest(values, hours, limit=tested[0] if tested else None, below=bool(tested and tested[1]), horizon=horizon_hours) if len(known) else None
    fitted = fit(values, hours) if len(known) else None
    model = ForecastModel.objects.create(
        town_id=current_town(), series=series, trained_at=until, begins_at=line.moment(begin), ends_at=until, hours=len(known),
        limit=tested[0] if tested else None, below=bool(tested and tested[1]), horizon_hours=horizon_hours, fitted=fitted.as_json() if fitted else None,
        score=score.as_json() if score else None, is_better=bool(fitted and score and score.is_better),
    )  # fmt: skip
    older = ForecastModel.objects.filter(series_id=series_id).order_by("-trained_at").values_list("pk", flat=True)[KEPT_MODELS:]
    ForecastModel.objects.filter(pk__in=list(older)).delete()
    record(ForecastTrained(subject=ref(model), series_id=series_id, is_better=model.is_better if score else None))
    return model
