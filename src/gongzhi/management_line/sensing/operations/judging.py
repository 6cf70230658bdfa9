"""Following what goes beyond a limit, or what other modules watch for: an episode begins, grows, ends, and its case is proved by clean readings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _now

from gongzhi.cases import operations as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import episodes, factors, queries, rules
from gongzhi.management_line.sensing.columns import Columns, moment_of
from gongzhi.management_line.sensing.facts import AlarmAnswered, AlarmOpened, AlarmSettled, WarningsFollowed
from gongzhi.management_line.sensing.models import Episode, LimitRule, Series, Station

VALID = (b"N", b"-", b"P")  # marks with which a reading counts as measured


def _plain_rule(rule: LimitRule) -> episodes.Rule:
    return episodes.Rule(
        comparator=rule.comparator, limit=rule.limit, return_difference=rule.return_difference, count=rule.count,
        duration=timedelta(seconds=rule.duration_seconds), clean_count=rule.clean_count, severity=rule.severity,
    )  # fmt: skip


def _judge(by: Actor, at: datetime, rows: Columns, devices: Mapping[int, int]) -> None:
    """Judge new readings, in order of series and moment; `devices`: station → the device that sent them.

    Nothing is asked of the database for series that have no limit or keep it.
    """
    limits = queries.limits_by_series(seen_by=CLOCK, on=queries.day_of(seen_by=CLOCK, at=at))
    if not limits or not len(rows):
        return
    rows = rows.take(np.isin(rows.flags, VALID))
    if not len(rows):
        return
    ids, begins = np.unique(rows.series, return_index=True)
    ends = np.append(begins[1:], len(rows))
    parts = {int(series_id): slice(begin, end) for series_id, begin, end in zip(ids, begins, ends, strict=True) if int(series_id) in limits}
    if not parts:
        return
    running = {
        (episode.series_id, episode.rule_id): episode
        for episode in Episode.objects.select_for_update(of=("self",)).filter(series_id__in=list(parts), rule__isnull=False)
        .exclude(state=Episode.State.SETTLED).select_related("case", "rule", "series", "station")
    }  # fmt: skip
    for series_id, part in parts.items():
        values = rows.values[part]
        low, high = float(values.min()), float(values.max())
        for rule in limits[series_id]:
            plain = _plain_rule(rule)
            episode = running.get((series_id, rule.pk))
            if episode is None and not plain.is_beyond(high) and not plain.is_beyond(low):
                continue
            fresh = [(moment_of(moment), float(value)) for moment, value in zip(rows.moments[part], values, strict=True)]
            if episode is None:
                newest = _newest(plain, series_id, rule.count + 40, at, reach=fresh[0][0])
                newest = _after_the_last(newest, series_id, rule)
                place = episodes.first_beginning(plain, newest, {moment for moment, _value in fresh})
                if place is None:
                    continue
                newest = newest[place:]
                begun = episodes.begins(plain, newest)
                assert begun is not None
                episode = _open_limit(at, rule, plain, series_id, begun, newest, devices)
                fresh = [point for point in fresh if point[0] > newest[0][0]]
                if not fresh:
                    continue
            newest = _newest(plain, series_id, max(plain.count, plain.clean_count) + 5, at)
            _follow(by, at, episode, plain, fresh, newest)


def _newest(plain: episodes.Rule, series_id: int, most: int, around: datetime, *, reach: datetime | None = None) -> list[tuple[datetime, float]]:
    """Return the newest valid readings of a series up to a moment (a day of clock skew allowed), newest first, each in its last version.

    At least `most` where there are so many, and as many as the rule's duration needs, before `reach` too; of two days at most.
    """
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT DISTINCT ON (measured_at) measured_at, value, flag::text FROM sensing_reading"
                " WHERE town_id = %s AND series_id = %s AND measured_at > %s AND measured_at <= %s ORDER BY measured_at DESC, version DESC LIMIT %s",
                [current_town(), series_id, around - timedelta(days=2), around + timedelta(days=1), most],
            )
            found = cursor.fetchall()
            if len(found) < most or found[-1][0] < min(found[0][0], reach or found[0][0]) - plain.duration:
                return [(moment, value) for moment, value, flag in found if flag.encode() in VALID]
            most *= 4


def _after_the_last(newest: list[tuple[datetime, float]], series_id: int, rule: LimitRule) -> list[tuple[datetime, float]]:
    """Return the readings after the last settled stretch: what a device sends once more begins none again."""
    last = Episode.objects.filter(series_id=series_id, rule=rule, state=Episode.State.SETTLED).order_by("-began_at", "-pk").first()
    ended = last and (last.clean_at or last.settled_at)
    return [point for point in newest if point[0] > ended] if ended else newest


def _open_limit(at: datetime, rule: LimitRule, plain: episodes.Rule, series_id: int, begun: datetime, newest: list[tuple[datetime, float]],
                device_of: Mapping[int, int]) -> Episode:  # fmt: skip
    series = Series.objects.select_related("station", "station__area").get(pk=series_id)
    station = series.station

    def told(peak: float) -> tuple[str, str]:
        shown = f"{peak:.{factors.decimals(series.factor)}f} {series.unit}".strip()
        title = _now("%(station)s: %(factor)s beyond the limit, %(value)s (%(limit)s)") % {
            "station": station.name, "factor": factors.label(series.factor), "value": shown, "limit": rule.words,
        }  # fmt: skip
        text = _now("Since %(since)s. Rule: %(rule)s. %(clause)s") % {"since": _local(begun), "rule": rule.title, "clause": rule.clause}
        return title, text

    episode = Episode(rule=rule, station=station, series=series, device_id=device_of.get(station.pk))
    return _open(at, episode, plain, begun, newest, told, rule.category_id)


def _local(moment: datetime) -> str:
    return f"{territory.town(seen_by=ANYONE).local(moment):%Y-%m-%d %H:%M}"


def _open(at: datetime, episode: Episode, plain: episodes.Rule, begun: datetime, newest: Sequence[tuple[datetime, float]],
          told: Callable[[float], tuple[str, str]], category_id: int | None) -> Episode:  # fmt: skip
    """Begin an episode, whatever its cause, and open its case; or let it join the case that its series is about already."""
    run = [point for point in newest if point[0] >= begun]
    peak_at, peak = run[0]
    for moment, value in run:
        if plain.worse(value, peak) != peak:
            peak_at, peak = moment, value
    episode.town_id = current_town()
    episode.began_at, episode.opened_at, episode.first_value, episode.peak, episode.peak_at = begun, at, run[-1][1], peak, peak_at
    episode.save()
    actor = Actor(kind="device", device_id=episode.device_id)
    station, severity = episode.station, episodes.severity(plain, peak)
    title, text = told(peak)
    other = _same_matter(episode)
    try:
        if other is not None and other.case is not None:
            episode.case, episode.answered_at = other.case, other.answered_at
            cases.raise_severity(by=actor, at=at, case_id=other.case.pk, severity=severity, reason=title[:200])
        else:
            need = cases.Need(
                kind="alarm", title=title[:120], text=text.strip(), category_id=category_id, longitude=station.longitude,
                latitude=station.latitude, address=station.address or station.name, origin="device", device_id=episode.device_id,
                submission_key=f"episode:{episode.pk}", severity=severity,
            )  # fmt: skip
            case = cases.open_case(by=actor, at=at, need=need)
            episode.case_id = case.pk
    except Refused as refused:  # the reading is kept all the same; the station's page says why there is no case
        episode.fault = str(refused)[:300]
    episode.save(update_fields=["case", "fault", "answered_at"])
    record(AlarmOpened(subject=ref(episode), case_id=episode.case_id, factor=episode.series.factor if episode.series else ""))
    announce(["town", f"station:{station.pk}", "staff"], "alarm", station=station.code, episode=episode.pk, case=episode.case_id)
    return episode


def _same_matter(episode: Episode) -> Episode | None:
    """Return the episode with an open case that this one is the same matter as: a warning and a limit of one series."""
    if episode.series is None:
        return None
    others = Episode.objects.filter(series=episode.series, case__isnull=False).exclude(state=Episode.State.SETTLED).exclude(pk=episode.pk)
    if episode.rule is not None:  # two limits of one series are two demands, as they are two clauses
        others = others.filter(rule__isnull=True)
    return next((other for other in others.select_related("case").order_by("pk") if other.case is not None and other.case.is_open), None)


def _follow(by: Actor, at: datetime, episode: Episode, plain: episodes.Rule, fresh: Sequence[tuple[datetime, float]],
            newest: Sequence[tuple[datetime, float]]) -> None:  # fmt: skip
    """Let an open stretch grow, end, begin again, or be proved clean after the unit has reported."""
    before = episode.peak
    for moment, value in fresh:
        if plain.is_beyond(value) and plain.worse(value, episode.peak) != episode.peak:
            episode.peak, episode.peak_at = value, moment
    grew = episodes.severity(plain, episode.peak)
    if episode.peak != before and episode.case is not None and episode.case.is_open and grew > episode.case.severity:
        cases.raise_severity(by=Actor(kind="device", device_id=episode.device_id), at=at, case_id=episode.case.pk, severity=grew, reason=f"{episode.peak:g}")
    beyond = episodes.begins(plain, newest) is not None
    clean_since = episodes.is_over(plain, newest)
    if episode.is_over and clean_since is not None:
        episode.state, episode.clean_at = Episode.State.CLEAN, clean_since
    elif not episode.is_over and beyond:
        episode.state, episode.clean_at, episode.relapses = Episode.State.OVER, None, episode.relapses + 1
    episode.save()
    _prove(at, episode, plain, newest, beyond=beyond)


def _prove(at: datetime, episode: Episode, plain: episodes.Rule, newest: Sequence[tuple[datetime, float]], *, beyond: bool) -> None:
    """Verify an answered alarm by what was measured after the answer; where a case is about several stretches, all of them must have ended."""
    case = episode.case
    if case is None or episode.answered_at is None or case.state != "answered":
        return
    gateway = Actor(kind="system", system="sensing")
    after = [point for point in newest if point[0] > episode.answered_at]
    if episodes.is_over(plain, after, after=episode.answered_at) is not None:
        if Episode.objects.filter(case=case, state=Episode.State.OVER).exclude(pk=episode.pk).exists():
            return
        places = factors.decimals(episode.series.factor) if episode.rule_id and episode.series else 1
        values = "、".join(f"{value:.{places}f}" for _at, value in reversed(after[: plain.clean_count]))
        text = _now("%(count)d clean readings in a row after the report: %(values)s %(unit)s") % {
            "count": plain.clean_count, "values": values, "unit": episode.unit,
        }  # fmt: skip
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=True, text=text, on_site=False, by_reading=True)
    elif beyond and len(after) >= plain.count and episodes.begins(plain, after) is not None:
        Episode.objects.filter(case=case).update(answered_at=None)
        episode.answered_at = None
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=False, text=_now("Readings after the report are still beyond the limit."), on_site=False,
                          by_reading=True)  # fmt: skip


# ---- what other modules watch for -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a rule of another module found at a station: its measure at some moments, newest first, in `said["unit"]`.

    `said`: what the cause needs for its sentence and table, and of the rule: rule (its title), limit, unit, clause, clean_count.
    """

    cause: str
    warning_id: int
    plain: episodes.Rule
    station_id: int
    points: Sequence[tuple[datetime, float]]
    title: str
    said: Mapping[str, Any]
    series_id: int | None = None
    device_id: int | None = None
    category_id: int | None = None


MOST_OF_ROW = 240


@operation
def follow_warnings(*, by: Actor, at: datetime, judged: Sequence[Judged]) -> int:
    """Let what was judged begin, grow, end or prove episodes, as readings do for limits. The same again changes nothing. Returns how many began."""
    ensure(rules.may_settle)
    running = {
        (episode.warning_id, episode.station_id, episode.series_id, episode.device_id): episode
        for episode in Episode.objects.select_for_update(of=("self",)).filter(warning_id__in={one.warning_id for one in judged})
        .exclude(state=Episode.State.SETTLED).select_related("case", "rule", "series", "station")
    }  # fmt: skip
    began = 0
    for one in judged:
        episode = running.get((one.warning_id, one.station_id, one.series_id, one.device_id))
        if episode is None:
            points = _after_the_end(one)
            begun = episodes.begins(one.plain, points)
            if begun is None:
                continue
            station = Station.objects.select_related("area").get(pk=one.station_id)
            series = Series.objects.get(pk=one.series_id) if one.series_id is not None else None
            episode = Episode(
                cause=one.cause, warning_id=one.warning_id, station=station, series=series, device_id=one.device_id, said=dict(one.said), row=_as_row(points)
            )
            _open(at, episode, one.plain, begun, points, lambda _peak, one=one, new=episode: (one.title, f"{new.why} {new.clause}"), one.category_id)  # type: ignore[misc]
            began += 1
            continue
        kept = {datetime.fromisoformat(moment): float(value) for moment, value in episode.row}
        points = sorted((kept | dict(one.points)).items(), reverse=True)[:MOST_OF_ROW]
        if one.points and one.plain.is_beyond(one.points[0][1]):
            episode.said = dict(one.said)
        episode.row = _as_row(points)
        _follow(by, at, episode, one.plain, [point for point in points if point[0] >= episode.began_at], points)
    record(WarningsFollowed(subject=f"territory.town:{current_town()}", judged=len(judged), began=began))
    return began


def _as_row(points: Sequence[tuple[datetime, float]]) -> list[list[Any]]:
    return [[moment.isoformat(), value] for moment, value in points[:MOST_OF_ROW]]


def _after_the_end(one: Judged) -> list[tuple[datetime, float]]:
    """Return the points after the last settled episode of this rule and thing, so that what is settled does not begin again by itself."""
    of_series = Q(series_id=one.series_id) if one.series_id is not None else Q(series__isnull=True)
    of_device = Q(device_id=one.device_id) if one.device_id is not None else Q(device_id__isnull=True)
    settled = Episode.objects.filter(of_series, of_device, warning_id=one.warning_id, station_id=one.station_id, state=Episode.State.SETTLED)
    last = settled.order_by("-began_at", "-pk").first()
    ended = last and (last.clean_at or last.settled_at)
    return [point for point in one.points if not ended or point[0] > ended]


@operation
def note_answer(*, by: Actor, at: datetime, case_id: int) -> int:
    """Remember when the unit reported on an alarm; readings after it prove or disprove. Returns how many stretches it was about."""
    ensure(rules.may_settle)
    count = Episode.objects.filter(case_id=case_id).exclude(state=Episode.State.SETTLED).update(answered_at=at)
    record(AlarmAnswered(subject=f"cases.case:{case_id}", case_id=case_id))
    return count


@operation
def settle_alarm(*, by: Actor, at: datetime, case_id: int) -> int:
    """Settle the stretches whose case has come to its end; a new one begins with new readings beyond the limit."""
    ensure(rules.may_settle)
    count = Episode.objects.filter(case_id=case_id).exclude(state=Episode.State.SETTLED).update(state=Episode.State.SETTLED, settled_at=at)
    record(AlarmSettled(subject=f"cases.case:{case_id}", case_id=case_id))
    return count


@operation
def prove_alarms(*, by: Actor, at: datetime) -> int:
    """Look again at answered alarms: their clean readings may have come before the answer was known here. Returns how many."""
    ensure(rules.may_settle)
    answered = (
        Episode.objects.select_for_update(of=("self",)).filter(answered_at__isnull=False, case__state="answered", rule__isnull=False)
        .exclude(state=Episode.State.SETTLED).select_related("case", "rule", "series", "station").order_by("pk")
    )  # fmt: skip
    count = 0
    for episode in answered:
        assert episode.rule is not None and episode.series_id is not None  # noqa: PT018 - chosen so above
        plain = _plain_rule(episode.rule)
        newest = _newest(plain, episode.series_id, max(plain.count, plain.clean_count) + 5, at)
        _prove(at, episode, plain, newest, beyond=episodes.begins(plain, newest) is not None)
        count += 1
    record(AlarmSettled(subject=f"territory.town:{current_town()}", case_id=None, public=False))
    return count
