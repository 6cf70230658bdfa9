"""Following what goes beyond a limit: an episode begins, grows, ends, and its case is proved by clean readings."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
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
from gongzhi.management_line.sensing.facts import AlarmAnswered, AlarmOpened, AlarmSettled
from gongzhi.management_line.sensing.models import Episode, LimitRule, Series

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
        for episode in Episode.objects.select_for_update(of=("self",)).filter(series_id__in=list(parts))
        .exclude(state=Episode.State.SETTLED).select_related("case", "rule", "series", "series__station")
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
                episode = _open(at, rule, plain, series_id, begun, newest, devices)
                fresh = [point for point in fresh if point[0] > newest[0][0]]
                if not fresh:
                    continue
            _follow(by, at, episode, plain, fresh)


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


def _open(at: datetime, rule: LimitRule, plain: episodes.Rule, series_id: int, begun: datetime, newest: list[tuple[datetime, float]],
          device_of: Mapping[int, int]) -> Episode:  # fmt: skip
    series = Series.objects.select_related("station", "station__area").get(pk=series_id)
    station = series.station
    run = [point for point in newest if point[0] >= begun]
    peak_at, peak = run[0]
    for moment, value in run:
        if plain.worse(value, peak) != peak:
            peak_at, peak = moment, value
    episode = Episode.objects.create(
        town_id=current_town(), rule=rule, series=series, device_id=device_of.get(station.pk), began_at=begun, opened_at=at, first_value=run[-1][1],
        peak=peak, peak_at=peak_at,
    )  # fmt: skip
    actor = Actor(kind="device", device_id=episode.device_id)
    shown = f"{peak:.{factors.decimals(series.factor)}f} {series.unit}".strip()
    title = _now("%(station)s: %(factor)s beyond the limit, %(value)s (%(limit)s)") % {
        "station": station.name, "factor": factors.label(series.factor), "value": shown, "limit": rule.words,
    }  # fmt: skip
    text = _now("Since %(since)s. Rule: %(rule)s. %(clause)s") % {
        "since": f"{territory.town(seen_by=ANYONE).local(begun):%Y-%m-%d %H:%M}", "rule": rule.title, "clause": rule.clause,
    }  # fmt: skip
    try:
        case = cases.open_case(
            by=actor, at=at, kind="alarm", title=title[:120], text=text.strip(), category_id=rule.category_id, longitude=station.longitude,
            latitude=station.latitude, address=station.address or station.name, origin="device", device_id=episode.device_id,
            submission_key=f"episode:{episode.pk}", severity=episodes.severity(plain, peak),
        )  # fmt: skip
        episode.case_id = case.pk
    except Refused as refused:  # the reading is kept all the same; the station's page says why there is no case
        episode.fault = str(refused)[:300]
    episode.save(update_fields=["case", "fault"])
    record(AlarmOpened(subject=ref(episode), case_id=episode.case_id, factor=series.factor))
    announce(["town", f"station:{station.pk}", "staff"], "alarm", station=station.code, episode=episode.pk, case=episode.case_id)
    return episode


def _follow(by: Actor, at: datetime, episode: Episode, plain: episodes.Rule, fresh: Sequence[tuple[datetime, float]]) -> None:
    """Let an open stretch grow, end, begin again, or be proved clean after the unit has reported."""
    before = episode.peak
    for moment, value in fresh:
        if plain.is_beyond(value) and plain.worse(value, episode.peak) != episode.peak:
            episode.peak, episode.peak_at = value, moment
    grew = episodes.severity(plain, episode.peak)
    if episode.peak != before and episode.case is not None and episode.case.is_open and grew > episode.case.severity:
        cases.raise_severity(by=Actor(kind="device", device_id=episode.device_id), at=at, case_id=episode.case.pk, severity=grew, reason=f"{episode.peak:g}")
    newest = _newest(plain, episode.series_id, max(plain.count, plain.clean_count) + 5, at)
    beyond = episodes.begins(plain, newest) is not None
    clean_since = episodes.is_over(plain, newest)
    if episode.is_over and clean_since is not None:
        episode.state, episode.clean_at = Episode.State.CLEAN, clean_since
    elif not episode.is_over and beyond:
        episode.state, episode.clean_at, episode.relapses = Episode.State.OVER, None, episode.relapses + 1
    episode.save()
    _prove(at, episode, plain, newest, beyond=beyond)


def _prove(at: datetime, episode: Episode, plain: episodes.Rule, newest: Sequence[tuple[datetime, float]], *, beyond: bool) -> None:
    """Verify an answered alarm by what was measured after the answer."""
    case = episode.case
    if case is None or episode.answered_at is None or case.state != "answered":
        return
    gateway = Actor(kind="system", system="sensing")
    after = [point for point in newest if point[0] > episode.answered_at]
    if episodes.is_over(plain, after, after=episode.answered_at) is not None:
        values = "、".join(f"{value:.{factors.decimals(episode.series.factor)}f}" for _at, value in reversed(after[: plain.clean_count]))
        text = _now("%(count)d clean readings in a row after the report: %(values)s %(unit)s") % {
            "count": plain.clean_count, "values": values, "unit": episode.series.unit,
        }  # fmt: skip
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=True, text=text, on_site=False, by_reading=True)
    elif beyond and len(after) >= plain.count and episodes.begins(plain, after) is not None:
        episode.answered_at = None
        episode.save(update_fields=["answered_at"])
        cases.verify_case(by=gateway, at=at, case_id=case.pk, passed=False, text=_now("Readings after the report are still beyond the limit."), on_site=False,
                          by_reading=True)  # fmt: skip


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
        Episode.objects.select_for_update(of=("self",)).filter(answered_at__isnull=False, case__state="answered").exclude(state=Episode.State.SETTLED)
        .select_related("case", "rule", "series", "series__station").order_by("pk")
    )  # fmt: skip
    count = 0
    for episode in answered:
        plain = _plain_rule(episode.rule)
        newest = _newest(plain, episode.series_id, max(plain.count, plain.clean_count) + 5, at)
        _prove(at, episode, plain, newest, beyond=episodes.begins(plain, newest) is not None)
        count += 1
    record(AlarmSettled(subject=f"territory.town:{current_town()}", case_id=None, public=False))
    return count
