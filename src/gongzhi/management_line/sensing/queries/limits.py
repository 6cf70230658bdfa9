"""Limits, and the stretches beyond them."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Q, QuerySet

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.sensing.causes import LIMIT
from gongzhi.management_line.sensing.models import Episode, LimitRule, Series, Station
from gongzhi.management_line.sensing.queries.registry import registry_version
from gongzhi.management_line.sensing.queries.stations import day_of


def limits_of(*, seen_by: Actor, station: Station, at: datetime) -> list[LimitRule]:
    """Return the limits that hold for a station on the day: its own, and those of its kind."""
    rules = LimitRule.objects.valid_on(day_of(seen_by=seen_by, at=at)).filter(Q(station=station) | Q(station__isnull=True, station_kind=station.kind))
    return list(rules.order_by("factor", "pk"))


def limits_ever(*, seen_by: Actor, station: Station) -> QuerySet[LimitRule]:
    """Return a station's own limits and those of its kind, whether they hold, will hold or have ended, the newest first.

    Whoever asks: the station given is one that they may see.
    """
    return LimitRule.objects.filter(Q(station=station) | Q(station__isnull=True, station_kind=station.kind)).order_by("-valid_from", "-pk")


def episodes(*, seen_by: Actor, station_id: int | None = None, open_only: bool = False, because_of: Collection[str] | None = (LIMIT,)) -> QuerySet[Episode]:
    """Return the stretches at stations this actor may see, newest first: those beyond a limit, or those of the causes named (None: of every cause)."""
    found = Episode.objects.filter(station__in=Station.objects.visible_to(seen_by)).select_related("rule", "series", "series__station", "station", "case")
    if because_of is not None:
        found = found.filter(cause__in=because_of)
    if station_id is not None:
        found = found.filter(station_id=station_id)
    if open_only:
        found = found.exclude(state=Episode.State.SETTLED)
    return found.order_by("-began_at", "-pk")


def episodes_of_case(*, seen_by: Actor, case_id: int) -> list[Episode]:
    """Return the stretches that a case is about, oldest first: a warning, and the limit that was passed after it, are one matter.

    Whoever asks: the case given is one that they may see.
    """
    return list(Episode.objects.filter(case_id=case_id).select_related("rule", "series", "station", "station__organ").order_by("opened_at", "pk"))


def open_warnings(*, seen_by: Actor, warning_id: int) -> list[Episode]:
    """Return the unsettled stretches that a rule of another module has begun. Whoever asks: the task that looks for warnings."""
    return list(Episode.objects.filter(warning_id=warning_id).exclude(state=Episode.State.SETTLED).select_related("series", "station"))


def episode_for(*, seen_by: Actor, episode_id: int) -> Episode:
    """Return a stretch beyond a limit; what one may not see is not found."""
    return episodes(seen_by=seen_by).get(pk=episode_id)


def limits_by_series(*, seen_by: Actor, on: date) -> dict[int, list[LimitRule]]:
    """Return the limits that hold on a day by series id; only where the units are the same."""

    def find() -> dict[int, list[LimitRule]]:
        found: dict[int, list[LimitRule]] = defaultdict(list)
        rules = list(LimitRule.objects.valid_on(on))
        for series in Series.objects.select_related("station").filter(factor__in={rule.factor for rule in rules}):
            for rule in rules:
                own = rule.station_id == series.station_id or (rule.station_id is None and rule.station_kind == series.station.kind)
                if own and (rule.factor, rule.aggregate, rule.unit) == (series.factor, series.aggregate, series.unit):
                    found[series.pk].append(rule)
        return dict(found)

    return remember(f"sensing.limits:{registry_version(seen_by=seen_by)}:{on}", find, age=30)
