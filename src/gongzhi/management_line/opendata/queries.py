"""What is open: the catalogue of the present town, and the hours of a station for a file."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import translation

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.ecology import queries as ecology
from gongzhi.management_line.ecology import spans
from gongzhi.management_line.opendata import dcat
from gongzhi.management_line.opendata.catalogue import Catalogue, Contact, Dataset, File
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing

if TYPE_CHECKING:
    from gongzhi.management_line.sensing.models import Station

HEAD = ("station", "begins_at", "factor", "name_zh", "name_en", "aggregate", "unit", "mean", "lowest", "highest", "readings", "valid", "due", "marks")
MONTHS = 24  # of which there are files of their own; older ones are in the files of their years


def catalogue(*, seen_by: Actor, at: datetime) -> Catalogue:
    """Return what this actor, which is anybody, may take away: the hours of each station, the daily index of air stations, the register."""
    town = territory.town(seen_by=seen_by)
    rules = town.settings
    stations = list(sensing.known_stations(seen_by=seen_by).order_by("kind", "code", "pk"))  # what a closed one measured stays open
    reach = sensing.reach(seen_by=seen_by, station_ids=[station.pk for station in stations])
    today = town.local(at).date()
    datasets: list[Dataset] = []
    for station in stations:
        if station.pk not in reach:
            continue
        first, last = reach[station.pk]
        datasets.append(_hours(station, first, last))
        if station.kind == "air":
            datasets.append(_air(station, first, min(last, today)))
    if datasets:
        datasets.append(_register(min(dataset.first for dataset in datasets), today))
    contact = organs.organ_by_code(seen_by=seen_by, code=rules.get("open_data_organ", "ecology"))
    name_en = town.name_en or town.name
    return Catalogue(
        title={"zh": f"{town.name}开放数据目录", "en": f"Open data of {name_en}"},
        text={"zh": f"{town.name}环境监测站点的小时数据、空气质量日指数和超限记录，任何人可以免费取用。",
              "en": f"Hourly data of the monitoring stations of {name_en}, the daily air quality index and the register of exceedances, free for everybody."},
        publisher={"zh": town.name, "en": name_en},
        contact=Contact(name=contact.name if contact else town.name, mail=rules.get("open_data_mail", ""), telephone=contact.duty_phone if contact else ""),
        licence=rules.get("open_data_licence", dcat.CC_BY), issued=min((dataset.first for dataset in datasets), default=today),
        modified=max((dataset.last for dataset in datasets), default=today),
        datasets=tuple(datasets), bounds=_bounds(seen_by),
    )  # fmt: skip


def _bounds(seen_by: Actor) -> tuple[float, float, float, float] | None:
    """Return the rectangle of the town's own boundary, None where none is drawn."""
    found: list[tuple[float, float]] = []

    def gather(part: Any) -> None:
        if part and isinstance(part[0], int | float):
            found.append((float(part[0]), float(part[1])))
        else:
            for each in part:
                gather(each)

    for area in territory.areas(seen_by=seen_by, level="town"):
        if area.boundary:
            gather(area.boundary["coordinates"])
    if not found:
        return None
    west, east = min(x for x, _y in found), max(x for x, _y in found)
    south, north = min(y for _x, y in found), max(y for _x, y in found)
    return round(west, 5), round(south, 5), round(east, 5), round(north, 5)


def _words(station: "Station") -> tuple[str, str, str, str]:
    """Return (name, name in English, kind, kind in English)."""
    with translation.override("zh-hans"):
        kind = str(station.kind_word)
    with translation.override("en"):
        kind_en = str(station.kind_word)
    return station.name, station.name_en or station.name, kind, kind_en


def _hours(station: "Station", first: date, last: date) -> Dataset:
    name, name_en, kind, kind_en = _words(station)
    months = _months(first, last)[:MONTHS]
    files = [
        File(path=f"opendata/{station.code}/{year}.csv", title={"zh": f"{name} {year} 年小时数据", "en": f"{name_en}, hours of {year}"}, first=date(year, 1, 1),
             last=date(year, 12, 31))
        for year in range(last.year, first.year - 1, -1)
    ] + [
        File(path=f"opendata/{station.code}/{month:%Y-%m}.csv", title={"zh": f"{name} {month:%Y} 年 {month.month} 月小时数据",
             "en": f"{name_en}, hours of {month:%Y-%m}"}, first=month, last=spans.month_after(month) - timedelta(days=1))
        for month in months
    ]  # fmt: skip
    return Dataset(
        key=f"hours-{station.code}", page=f"stations/{station.code}/",
        title={"zh": f"{name}小时数据", "en": f"Hourly data, {name_en}"},
        text={"zh": f"{kind}站点“{name}”各项指标的小时均值、最低值、最高值，附有效读数个数、应有个数和数据标识。",
              "en": f"Means, lowest and highest values of each hour at the station {name_en} ({kind_en.lower()}), with how many readings were valid, "
                    "how many were due, and the marks of those that were not valid."},
        keywords=({"zh": kind, "en": kind_en}, {"zh": "环境监测", "en": "environmental monitoring"}), frequency="HOURLY", files=tuple(files),
        first=first, last=last,
        longitude=station.longitude, latitude=station.latitude, standards=("HJ 212-2017",),
    )  # fmt: skip


def _air(station: "Station", first: date, last: date) -> Dataset:
    name, name_en, _kind, _kind_en = _words(station)
    return Dataset(
        key=f"air-{station.code}", page=f"stations/{station.code}/air/", title={"zh": f"{name}空气质量日指数", "en": f"Daily air quality index, {name_en}"},
        text={"zh": f"“{name}”每日空气质量指数、级别、首要污染物和各项污染物日均值，数据不足的日子说明原因。",
              "en": f"Index, level, primary pollutant and daily means of each day at {name_en}; days without an index say why."},
        keywords=({"zh": "空气质量指数", "en": "air quality index"}, {"zh": "环境空气", "en": "ambient air"}), frequency="DAILY",
        files=tuple(
            File(path=f"opendata/{station.code}/air-{year}.csv", title={"zh": f"{name} {year} 年空气质量日指数", "en": f"{name_en}, daily index of {year}"},
                 first=date(year, 1, 1), last=date(year, 12, 31))
            for year in range(last.year, first.year - 1, -1)
        ),
        first=first, last=last, longitude=station.longitude, latitude=station.latitude, standards=("HJ 633", "HJ 663", "GB 3095"),
    )  # fmt: skip


def _register(first: date, last: date) -> Dataset:
    path, title = "environment/exceedances.csv", {"zh": "全部超限记录", "en": "All exceedances"}
    return Dataset(
        key="exceedances", page="environment/exceedances/", title={"zh": "超限记录", "en": "Register of exceedances"},
        text={"zh": "各站点每次超限的起止时间、峰值、限值及依据和事项编号。",
              "en": "Each stretch beyond a limit: when, its peak, the limit and its standard, and the number of its case."},
        keywords=({"zh": "超标", "en": "exceedance"}, {"zh": "环境监测", "en": "environmental monitoring"}), frequency="CONT",
        files=(File(path=path, title=title, first=first, last=last),), first=first, last=last,
    )  # fmt: skip


def _months(first: date, last: date) -> list[date]:
    """Return the first days of the months from one day to another, newest first."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = spans.month_after(month)
    return found[::-1]


def hours(*, seen_by: Actor, station: "Station", first: date, end: date, at: datetime) -> Iterator[tuple[Any, ...]]:
    """Yield the hours of all series of a station on the days [first, end) of the town's calendar, in the order of HEAD, month by month.

    Hours in which nothing was due and nothing came are left out.
    """
    zone = territory.town(seen_by=seen_by).zone
    series = list(sensing.series_of(seen_by=seen_by, station_id=station.pk))
    while first < end:
        until = min(end, spans.month_after(first))
        span = spans.Span("", datetime.combine(first, time(), zone), min(datetime.combine(until, time(), zone), at), spans.HOUR)
        if span.since < span.until:
            for one in ecology.history(seen_by=seen_by, station=station, series=series, span=span, at=at):
                known = factors.factor(one.series.factor)
                names = (known.zh, known.en) if known else ("", "")
                for step in one.steps:
                    if step.due or step.count:
                        yield (
                            station.code, step.at.astimezone(zone).isoformat(), one.series.factor, *names, one.series.aggregate, one.series.unit,
                            *("" if value is None else round(value, 6) for value in (step.mean, step.low, step.high)), step.count, step.valid, step.due,
                            " ".join(f"{mark}:{count}" for mark, count in sorted(step.marks.items())),
                        )  # fmt: skip
        first = until
