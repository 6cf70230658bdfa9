"""Months made ahead, hours rolled up, devices asked, answered alarms looked at again, old bytes thrown away."""

import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.work import serve_towns, towns_having
from gongzhi.management_line.sensing import operations, queries

ROLLING = 60.0  # seconds of a turn for one town; what is left is taken up by the next


@app.periodic(cron="10 1 * * *")
@app.task(name="sensing.make_months", queue="night", queueing_lock="sensing.make_months")
def make_months(timestamp: int) -> None:
    """Make the tables of this month and the two after it."""
    now = timezone.now()
    with connection.cursor() as cursor:
        for ahead in range(3):
            cursor.execute("SELECT sensing_make_month(%s::timestamptz)", [now + timedelta(days=30 * ahead)])


@app.periodic(cron="* * * * *")
@app.task(name="sensing.prove_alarms", queue="clock", queueing_lock="sensing.prove_alarms")
def prove_alarms(timestamp: int) -> None:
    """Verify answered alarms by what has been measured since."""

    def prove(town_id: int) -> None:
        if queries.episodes(seen_by=CLOCK, open_only=True).filter(answered_at__isnull=False, case__state="answered").exists():
            operations.prove_alarms(by=CLOCK, at=timezone.now())

    serve_towns(towns_having("alarms_to_prove", timezone.now()), prove)


@app.periodic(cron="*/5 * * * *")
@app.task(name="sensing.roll_up", queue="clock", queueing_lock="sensing.roll_up")
def roll_up(timestamp: int) -> None:
    """Work out the hours and days that have changed."""

    def roll(town_id: int) -> None:
        end = time.monotonic() + ROLLING
        while time.monotonic() < end and queries.is_touched(seen_by=CLOCK) and operations.roll_up(by=CLOCK, at=timezone.now()):
            pass

    serve_towns(towns_having("touched_hours", timezone.now()), roll)


@app.periodic(cron="*/10 * * * *")
@app.task(name="sensing.look_after_devices", queue="clock", queueing_lock="sensing.look_after_devices")
def look_after_devices(timestamp: int) -> None:
    """Ask devices for what is missing and to set their clocks; end requests that nobody answered."""

    def look_after(town_id: int) -> None:
        now = timezone.now()
        operations.expire_requests(by=CLOCK, at=now)
        operations.ask_for_clocks(by=CLOCK, at=now)
        operations.ask_for_gaps(by=CLOCK, at=now)

    serve_towns(towns_having("devices_to_look_after", timezone.now()), look_after)


@app.periodic(cron="30 2 * * *")
@app.task(name="sensing.drop_raw", queue="night", queueing_lock="sensing.drop_raw")
def drop_raw(timestamp: int) -> None:
    """Throw the bytes of packets away after the term of each town (rule `raw_packet_days`, ninety days where it says nothing)."""

    def drop(town_id: int) -> None:
        said = territory.town(seen_by=CLOCK).settings.get("raw_packet_days")
        days = said if isinstance(said, int) and 1 <= said <= 3_650 else 90
        operations.drop_raw(by=CLOCK, at=timezone.now(), before=timezone.now() - timedelta(days=days))

    serve_towns(territory.town_ids(seen_by=CLOCK), drop)
