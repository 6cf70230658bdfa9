"""Rules judged by the clock, forecasts made at night. Each may run twice: the same moment judged again changes nothing."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.warnings import looking, operations, queries

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
            found = looking.look(rule, now, listens_since=since)
            if found:
                sensing.follow_warnings(by=CLOCK, at=now, judged=found)

    serve_towns(towns_having("warning_rules", timezone.now()), watch)


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
            operations.train(by=CLOCK, at=now, series_id=series_id, limit=limit, horizon_hours=horizon)

    serve_towns(towns_having("warning_rules", timezone.now()), make)
