"""What the homes show, gathered from the modules; each answer is scoped to who asks by the module that gives it."""

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.cases import queries as cases
from gongzhi.cases import rules as case_rules
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.portal import drawing

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

# ---- the drawn town -------------------------------------------------------------------------------------------------
_drawn: dict[int, tuple[Any, float, drawing.DrawnTown]] = {}
_lock = Lock()
DRAWN_AGE = 600.0


def drawn_town(*, seen_by: Actor) -> drawing.DrawnTown:
    """Return the town's areas as SVG paths; drawn once per process and boundary version, for it takes a while."""
    areas = territory.areas(seen_by=seen_by)
    version = tuple(areas.order_by("pk").values_list("pk", "valid_from"))
    town_id = current_town()
    kept = _drawn.get(town_id)
    if kept is not None and kept[0] == version and time.monotonic() - kept[1] < DRAWN_AGE:
        return kept[2]
    drawn = drawing.draw_town(list(areas))
    with _lock:
        _drawn[town_id] = (version, time.monotonic(), drawn)
    return drawn


@dataclass(frozen=True, slots=True)
class GridCount:
    """A grid with its open and overdue cases, as it stands on the map."""

    area: drawing.DrawnArea
    open: int
    overdue: int
    shade: int


@dataclass(frozen=True, slots=True)
class TownMap:
    """The map of the cockpit. Grids, tiles and `elsewhere` sum to the town's open cases."""

    drawn: drawing.DrawnTown
    grids: list[GridCount]
    tiles: list[tuple[int, str, int, int, int]]  # grids that have no boundary: id, name, open, overdue, shade
    elsewhere: tuple[int, int]  # open and overdue outside every grid
    breaks: tuple[int, int, int, int]

    @property
    def legend(self) -> list[tuple[int, str]]:
        return drawing.shade_words(self.breaks)


def communities(*, seen_by: Actor) -> list[Any]:
    """Return the communities and parks of the town, by which the cockpit can be narrowed."""
    return [area for area in territory.areas(seen_by=seen_by).defer("boundary") if area.level == "community"]


def _is_within(path: str, other: str) -> bool:
    return not other or path == other or path.startswith(other + ".")


def town_map(*, seen_by: Actor, by_area: dict[int | None, tuple[int, int]], within: str = "") -> TownMap:
    """Return the drawn town, or the part of it under the path `within`, with these counts on it."""
    drawn = drawn_town(seen_by=seen_by)
    if within:
        drawn = replace(
            drawn,
            grids=tuple(area for area in drawn.grids if _is_within(area.path, within)),
            without_boundary=tuple(row for row in drawn.without_boundary if _is_within(row[2], within)),
        )
    known = {area.id for area in drawn.grids} | {area_id for area_id, _name, _path in drawn.without_boundary}
    bounds = drawing.breaks(by_area[area_id][0] for area_id in known if area_id in by_area)
    outside = [pair for area_id, pair in by_area.items() if area_id not in known]

    def counted(area_id: int) -> tuple[int, int, int]:
        n, late = by_area.get(area_id, (0, 0))
        return n, late, drawing.shade(n, bounds)

    return TownMap(
        drawn=drawn,
        grids=[GridCount(area, *counted(area.id)) for area in drawn.grids],
        tiles=[(area_id, name, *counted(area_id)) for area_id, name, _path in drawn.without_boundary],
        elsewhere=(sum(n for n, _late in outside), sum(late for _n, late in outside)),
        breaks=bounds,
    )


# ---- the reader's own -----------------------------------------------------------------------------------------------
def followed(*, seen_by: Actor, most: int = 4) -> "list[Case]":
    """Return the cases that the reader raised or follows, or that a follow code opened here; what moved last first."""
    found: list[Case] = []
    if seen_by.person_id:
        found = cases.first_cases(seen_by=seen_by, most=most, raised_by_id=seen_by.person_id, order="touched")
    missing = seen_by.case_ids - {case.pk for case in found}
    if missing:
        found += cases.first_cases(seen_by=seen_by, most=most, case_ids=missing, order="touched")
    return sorted(found, key=lambda case: case.touched_at, reverse=True)[:most]


@dataclass(frozen=True, slots=True)
class Need:
    """A case that waits for the reader: what is to be done, and where."""

    case: "Case"
    what: str
    url: str


LOOKED_AT = 12  # of the reader's newest closed cases: what nobody rated for that long will not be rated from the home


def needs_now(*, seen_by: Actor, at: datetime, most: int = 4) -> list[Need]:
    """Return what waits for the reader now: own cases to be rated, then, for those who serve, their desk, what is due first.

    A case that the reader raised and that is closed waits until they have rated it.
    """
    closed: list[Case] = []
    if seen_by.person_id:
        closed = cases.first_cases(seen_by=seen_by, most=LOOKED_AT, raised_by_id=seen_by.person_id, state="closed", order="touched")
    if missing := seen_by.case_ids - {case.pk for case in closed}:
        closed += cases.first_cases(seen_by=seen_by, most=LOOKED_AT, case_ids=missing, state="closed", order="touched")
    needs = [
        Need(case, _("Say how it was handled"), f"/follow/{case.slug}/rate/")
        for case in closed if case_rules.may_rate(seen_by, case) and not _has_rated(seen_by, case)
    ]  # fmt: skip
    if len(needs) < most and case_rules.may_use_desk(seen_by):
        due = cases.desk_page(seen_by=seen_by, queue="mine", at=at, order="due", most=most).rows
        needs += [Need(case, str(case.state_word), f"/cases/{case.slug}/") for case in due]
    return needs[:most]


def _has_rated(actor: Actor, case: "Case") -> bool:
    return any(
        one.party_id in actor.party_ids or (actor.person_id is not None and one.party.person_id == actor.person_id)
        for one in cases.ratings(seen_by=actor, case=case)
    )


def categories_like(*, seen_by: Actor, text: str, at: datetime, most: int = 6) -> list[Any]:
    """Return the categories residents may report whose name or keywords hold the text, or stand in it."""
    wanted = text.strip().lower()
    if not wanted:
        return []
    found = []
    for category in cases.categories(seen_by=seen_by, on=territory.day_of(seen_by=ANYONE, at=at), for_public=True):
        words = [category.name, category.name_en.lower(), *category.keywords.lower().split()]
        if any(word and (wanted in word or (len(word) > 1 and word in wanted)) for word in words):
            found.append(category)
    return found[:most]


def category_names(*, seen_by: Actor, at: datetime) -> dict[str, str]:
    """Return the names of categories in the reader's language by their Chinese names, which counted figures carry; none where that is Chinese."""
    if not (get_language() or "").startswith("en"):
        return {}
    return {each.name: each.label for each in cases.categories(seen_by=seen_by, on=territory.day_of(seen_by=ANYONE, at=at))}


# ---- stations -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A station on the home page: what it measures now, and the hours of the last day as bars."""

    icon: str
    title: str
    words: str
    bars: list[tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Readings:
    """What the stations say, and how many of them say anything."""

    rows: list[ReadingRow]
    online: int
    total: int


def stations(*, seen_by: Actor) -> list[Any]:
    """Return the monitoring stations that this actor may see."""
    return list(sensing.stations(seen_by=seen_by))


def _shown_first(now: "sensing.StationNow") -> "sensing.Value | None":
    """Return the value that stands for a station: one beyond its limit, else one that has a limit, else the first."""
    told = [value for value in now.values if value.latest is not None]
    return min(told, key=lambda value: (not value.is_beyond, value.limit is None), default=None)


def public_readings(*, seen_by: Actor, at: datetime, most: int = 6) -> Readings:
    """Return what stands for air and water on the home page: one row a station, those that report first."""
    found = sensing.overview(seen_by=seen_by, at=at)
    chosen = [(now, value) for now in sorted(found, key=lambda now: not now.is_online) if (value := _shown_first(now)) is not None]
    first_of_kind: dict[str, int] = {}
    for place, (now, _value) in enumerate(chosen):
        first_of_kind.setdefault(now.station.kind, place)
    ranked = sorted(enumerate(chosen), key=lambda item: (first_of_kind[item[1][0].station.kind] != item[0], item[0]))  # one of each kind before the rest
    picked = [pair for _place, pair in ranked[:most]]
    first = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)  # hours as they were rolled up: a day of a busy station is thousands of rows
    hours = sensing.hour_means(seen_by=seen_by, series_ids=[value.series.pk for _now, value in picked], since=first, until=at)
    rows = []
    for now, value in picked:
        places, means = hours.get(value.series.pk, ((), ()))
        by_hour = dict(zip(map(int, places), map(float, means), strict=True))
        words = f"{value.label} {value.shown}"
        if value.is_beyond:
            words = _("%(value)s, beyond the limit") % {"value": words}
        rows.append(ReadingRow(now.station.icon, now.station.label, words, drawing.bars([by_hour.get(hour) for hour in range(24)])))
    return Readings(rows=rows, online=sum(now.is_online for now in found), total=len(found))


@dataclass(frozen=True, slots=True)
class StationTrend:
    """The station to watch, with its last day as a line."""

    title: str
    words: str
    chip: str
    chip_words: str
    chip_icon: str
    trend: drawing.Trend
    limit_words: str
    online: int
    total: int


def station_trend(*, seen_by: Actor, at: datetime) -> StationTrend | None:
    """Return the station that the command screen shows: one beyond a limit, else one that has a limit; None without any."""
    found = sensing.overview(seen_by=seen_by, at=at)
    now = sensing.newest_beyond(seen_by=seen_by, candidates=found)
    value = _shown_first(now) if now else None
    if now is None or value is None:
        return None
    steps = sensing.hourly(seen_by=seen_by, series_ids=[value.series.pk], since=at - sensing.DAY, until=at, minutes=10).get(value.series.pk, [])
    limit = value.limit if value.limit and value.limit.unit == value.series.unit else None
    if value.is_beyond:
        chip = ("late", _("beyond the limit"), "triangle-alert")
    elif now.is_online:
        chip = ("ok", _("within the limit") if limit else _("reports"), "circle-check")
    else:
        chip = ("stop", _("silent"), "wifi-off")
    title = f"{now.station.label} · {value.label}"
    return StationTrend(
        title=title, words=f"{title} {value.shown}", chip=chip[0], chip_words=chip[1], chip_icon=chip[2],
        trend=drawing.trend(steps, begin=at - sensing.DAY, end=at, limit=limit.limit if limit else None),
        limit_words=_("limit %(limit)s") % {"limit": f"{limit.limit:g} {limit.unit}"} if limit else "",
        online=sum(each.is_online for each in found), total=len(found),
    )  # fmt: skip


# ---- administration -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a town needs before reports can be taken, assigned and closed."""

    words: Any
    url: str


def lacks(*, seen_by: Actor, at: datetime) -> list[Lack]:
    """Return what a new town still lacks, in the order in which it is best set."""
    day = territory.day_of(seen_by=seen_by, at=at)
    grids = territory.areas(seen_by=seen_by, level="grid").filter(boundary__isnull=False).exists()
    held = set(organs.posts(seen_by=seen_by, on=day).values_list("role", flat=True))
    working = {"department_officer", "station_officer"} & held
    found = [
        (not grids, _("No grid is drawn: nothing can be located"), "/administration/areas/"),
        (organs.organs(seen_by=seen_by).exclude(kind="committee").count() == 0, _("There is no unit besides the committee"), "/administration/organs/"),
        (not working, _("No unit has an officer to handle cases"), "/administration/posts/"),
        ("dispatcher" not in held, _("Nobody is dispatcher"), "/administration/posts/"),
        (not {"grid_worker", "supervisor"} & held, _("Nobody can check results on site: no grid worker, no supervisor"), "/administration/posts/"),
        (not cases.categories(seen_by=seen_by, on=day).exists(), _("There is no category to report"), "/categories/new/"),
        (bool(cases.responsibility_gaps(seen_by=seen_by, on=day)), _("Some categories have no unit that leads"), "/responsibilities/"),
    ]
    return [Lack(words, url) for lacking, words, url in found if lacking]
