"""Rules judged by the clock, forecasts made at night. Each may run twice: the same moment judged again changes nothing."""

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.warnings import looking, operations, queries

if TYPE_CHECKING:
    from gongzhi.management_line.warnings.models import WarningRule

log = logging.getLogger(__name__)
TRAINED_EVERY = timedelta(days=6)


BREAK = timedelta(minutes=16)  # three judgements missed: the product did not run
LOOKED_BACK = 400  # judgements, a day and more


def listens_since(now: datetime) -> datetime:
    """Return since when this task has run without a break: before that, nobody listened, and no device can be called silent."""
    jobs = ProcrastinateJob.objects.filter(task_name="warnings.judge", status="succeeded").order_by("-id").values_list("args", flat=True)
    since = now
    for args in jobs[:LOOKED_BACK]:
        ran = datetime.fromtimestamp(args.get("timestamp", 0), UTC)
        if since - ran > BREAK:
            break
        since = min(since, ran)
    return since


def _judge(*, hourly: bool) -> None:
    since = None if hourly else listens_since(timezone.now())

    def watch(town_id: int) -> None:
        now = timezone.now()
        for rule in queries.rules_in_force(seen_by=CLOCK, at=now, hourly=hourly):
            faults = _judge_rule(rule, now, since)
            if faults or rule.fault:
                operations.note_fault(by=CLOCK, at=now, rule_id=rule.pk, fault="; ".join(faults))

    serve_towns(towns_having("warning_rules", timezone.now()), watch)


def _judge_rule(rule: "WarningRule", now: datetime, since: datetime | None) -> list[str]:
    """Judge one rule; return what stood in the way. One thing that cannot be judged stops neither the others of its rule nor the other rules."""
    try:
        found = looking.look(rule, now, listens_since=since)
        if found:
            sensing.follow_warnings(by=CLOCK, at=now, judged=found)
    except Exception as error:
        log.exception("rule %s of warnings", rule.pk)
        faults = [_words(error)]
    else:
        return []
    return faults + _one_by_one(rule, now, since)


def _one_by_one(rule: "WarningRule", now: datetime, since: datetime | None) -> list[str]:
    """Follow what the rule finds thing by thing, so that those that can be followed are."""
    try:
        found = looking.look(rule, now, listens_since=since)
    except Exception:
        return []  # told already
    faults = []
    for one in found:
        try:
            sensing.follow_warnings(by=CLOCK, at=now, judged=[one])
        except Exception as error:
            log.exception("rule %s of warnings, station %s", rule.pk, one.station_id)
            faults.append(_words(error))
    return faults


def _words(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__


@app.periodic(cron="*/5 * * * *")
@app.task(name="warnings.judge", queue="clock", queueing_lock="warnings.judge", lock="warnings.judge")
def judge(timestamp: int) -> None:
    """Judge quick changes, silence and frozen values."""
    _judge(hourly=False)


@app.periodic(cron="7 * * * *")
@app.task(name="warnings.judge_hours", queue="clock", queueing_lock="warnings.judge_hours", lock="warnings.judge_hours")
def judge_hours(timestamp: int) -> None:
    """Judge what is judged by whole hours: neighbours and forecasts."""
    _judge(hourly=True)


@app.periodic(cron="20 3 * * *")
@app.task(name="warnings.train", queue="night", queueing_lock="warnings.train", lock="warnings.train")
def train(timestamp: int) -> None:
    """Make the forecasts that are missing or a week old, one series after the other: memory holds one series."""

    def make(town_id: int) -> None:
        now = timezone.now()
        for series_id, (limit, horizon) in queries.to_train(seen_by=CLOCK, at=now, older_than=TRAINED_EVERY).items():
            try:
                operations.train(by=CLOCK, at=now, series_id=series_id, limit=limit, horizon_hours=horizon)
            except (ArithmeticError, ValueError):  # NumPy's LinAlgError is a ValueError
                log.exception("forecast of series %s", series_id)

    serve_towns(towns_having("warning_rules", timezone.now()), make)
