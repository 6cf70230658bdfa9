"""Stations beside each other in one factor, or the factors of one station, over one span. The address says it all, so it can be sent on."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.ecology import drawing, queries, spans
from gongzhi.management_line.ecology.views.stations import NAMES, span_of
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing

MOST = 6  # lines that can still be told apart
FINEST = timedelta(minutes=10)


class _Choice:
    """What an address asks for: ?by=stations with one ?factor and several ?station, or ?by=factors with one ?station and several ?factor."""

    def __init__(self, request: HttpRequest, actor: Actor, at: datetime) -> None:
        self.zone = territory.town(seen_by=actor).zone
        self.stations = {station.code: station for station in sensing.stations(seen_by=actor)}
        by_pk = {station.pk: station for station in self.stations.values()}
        self.series: dict[tuple[str, str], list[Any]] = {}
        for one in sensing.series_at(seen_by=actor, station_ids=list(by_pk)):
            self.series.setdefault((by_pk[one.station_id].code, one.factor), []).append(one)
        self.by = "factors" if request.GET.get("by") == "factors" else "stations"
        self.factors = sorted({factor for _code, factor in self.series}, key=lambda factor: (-len(self.with_factor(factor)), factors.label(factor)))
        codes = [code for code in dict.fromkeys(request.GET.getlist("station")) if code in self.stations]
        names = [factor for factor in dict.fromkeys(request.GET.getlist("factor")) if factor in self.factors]
        if self.by == "stations":
            self.chosen_factors = names[:1] or self.factors[:1]
            able = self.with_factor(self.chosen_factors[0]) if self.chosen_factors else []
            self.chosen = [code for code in codes if code in able][:MOST] or able[:3]
        else:
            self.chosen = codes[:1] or [code for code, _factor in self.series][:1]
            able = self.of_station(self.chosen[0]) if self.chosen else []
            self.chosen_factors = [factor for factor in names if factor in able][:MOST] or able[:3]
        span, self.fault = span_of(request, at, self.zone, default="week")
        self.span = spans.Span(span.name, span.since, span.until, max(span.step, FINEST))

    def with_factor(self, factor: str) -> list[str]:
        """Return the codes of the stations that measure a factor."""
        return [code for code in self.stations if (code, factor) in self.series]

    def of_station(self, code: str) -> list[str]:
        """Return what a station measures."""
        return [factor for place, factor in self.series if place == code]

    def histories(self, actor: Actor, at: datetime) -> list[tuple[str, queries.History]]:
        """Return the lines, (name, history), all in the same steps: the hour's means of a device where steps are hours, else its readings."""
        wanted = [(code, factor) for code in self.chosen for factor in self.chosen_factors if (code, factor) in self.series]
        first = ("hour.avg", "rtd") if self.span.step >= spans.HOUR else ("rtd", "hour.avg")
        picked = {pair: min(self.series[pair], key=lambda one: first.index(one.aggregate) if one.aggregate in first else 9) for pair in wanted}
        if any(one.aggregate.startswith("hour") for one in picked.values()):
            self.span = spans.coarser(self.span, spans.HOUR)
        found = []
        for (code, factor), one in picked.items():
            station = self.stations[code]
            name = station.label if self.by == "stations" else factors.label(factor)
            found.append((name, queries.history(seen_by=actor, station=station, series=[one], span=self.span, at=at)[0]))
        return found


@require_GET
def comparison(request: HttpRequest) -> HttpResponse:
    """Show the lines, one chart for each unit."""
    actor, at = actor_of(request), timezone.now()
    choice = _Choice(request, actor, at)
    found = choice.histories(actor, at)
    units: dict[str, list[tuple[str, queries.History]]] = {}
    for name, history in found:
        units.setdefault(history.series.unit, []).append((name, history))
    charts = [
        {"unit": unit, "names": _(", ").join(name for name, _history in part),
         "labels": [drawing.label(step.at, choice.span, choice.zone) for step in part[0][1].steps],
         "series": [(name, [drawing.value(step.mean, history.series.factor) for step in history.steps]) for name, history in part]}
        for unit, part in units.items()
    ]  # fmt: skip
    since, until = (moment.astimezone(choice.zone) for moment in (choice.span.since, choice.span.until - timedelta(microseconds=1)))
    able = choice.with_factor(choice.chosen_factors[0]) if choice.chosen_factors else []
    return page(
        request, "ecology/comparison.html",
        {
            "now": at, "choice": choice, "charts": charts, "names": list(NAMES.items()), "most": MOST, "from": f"{since:%Y-%m-%d}", "to": f"{until:%Y-%m-%d}",
            "all_factors": [(factor, factors.label(factor), factor in choice.chosen_factors) for factor in choice.factors],
            "own_factors": [(f, factors.label(f), f in choice.chosen_factors) for f in (choice.of_station(choice.chosen[0]) if choice.chosen else [])],
            "all_stations": [(station, station.code in choice.chosen) for station in choice.stations.values() if choice.of_station(station.code)],
            "able": [(choice.stations[code], code in choice.chosen) for code in able],
            "shares": [(name, history.share) for name, history in found],
        },
    )  # fmt: skip


@require_GET
def comparison_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the lines as CSV: one row a step, one column a line."""
    actor, at = actor_of(request), timezone.now()
    choice = _Choice(request, actor, at)
    if choice.fault is not None:
        raise choice.fault
    found = choice.histories(actor, at)
    return csv_answer("comparison.csv", _rows(found), marked=True)


def _rows(found: Sequence[tuple[str, queries.History]]) -> Iterator[Sequence[Any]]:
    yield [_("begins at"), *(f"{name} ({history.series.unit})" if history.series.unit else name for name, history in found)]
    for parts in zip(*(history.steps for _name, history in found), strict=True):
        yield [parts[0].at.isoformat(), *("" if step.mean is None else round(step.mean, 6) for step in parts)]
