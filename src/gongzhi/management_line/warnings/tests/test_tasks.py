"""The clock's tasks, run twice."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.sensing.models import Device, Episode
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.warnings import operations, queries, tasks
from gongzhi.management_line.warnings.models import ForecastModel
from gongzhi.management_line.warnings.tests.factories import HOUR, make_point, make_series, take
from gongzhi.management_line.warnings.tests.test_forecast import weather

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _has_listened_for_long(monkeypatch, request):
    """Let the product have run for a day, but where a test is about that."""
    if request.cls is not TestListensSince:
        monkeypatch.setattr(tasks, "listens_since", lambda now: now - timedelta(days=1))


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def world(town, now):
    return make_station(now)


def make_rule(now, world, cause, **more):
    return operations.set_rule(by=MAKER, at=now, title="预警", cause=cause, clause="规程", valid_from=now.date() - timedelta(days=2),
                               category_id=world[0].categories["bin"].pk, **more)  # fmt: skip


class TestJudge:
    def test_opens_one_case_however_often_it_runs(self, world, other_town, now):
        make_rule(now, world, "silence", threshold=30.0)
        Device.objects.update(last_seen_at=now - timedelta(hours=2))
        for _time in range(2):
            tasks.judge.func(timestamp=0)
            tasks.judge_hours.func(timestamp=0)
        episode = Episode.objects.get()
        assert (episode.cause, episode.relapses, len(episode.row)) == ("silence", 0, len({moment for moment, _value in episode.row}))

    def test_costs_no_act_where_all_is_well(self, world, now, django_assert_max_num_queries):
        make_rule(now, world, "silence", threshold=30.0)
        make_rule(now, world, "rate", factor="w01018", threshold=5.0)
        make_rule(now, world, "frozen", factor="w01018", threshold=5.0)
        Device.objects.update(last_seen_at=now)
        for number in range(12):
            make_series(now, make_point(now, f"s{number}", kind="waste_water"), "w01018", "mg/L")
        with django_assert_max_num_queries(30):
            tasks.judge.func(timestamp=0)
        assert not Episode.objects.exists()


class TestTrain:
    def test_makes_what_is_missing_once(self, world, now):
        air = make_series(now, make_point(now, "air", kind="air"), "a34004", "ug/m³")
        make_rule(now, world, "forecast", factor="a34004", threshold=50.0, horizon_hours=6)
        values, _hours = weather(12, weeks=3)
        take(now.replace(minute=0, second=0) - HOUR, air, values, step=HOUR)
        for _time in range(2):
            tasks.train.func(timestamp=0)
        model = ForecastModel.objects.get()
        assert (model.series, model.limit, model.horizon_hours) == (air, 50.0, 6)
        assert queries.to_train(seen_by=CLOCK, at=now, older_than=tasks.TRAINED_EVERY) == {}
        assert queries.to_train(seen_by=CLOCK, at=now + timedelta(days=7), older_than=tasks.TRAINED_EVERY) == {air.pk: (50.0, 6)}


class TestListensSince:
    def ran(self, moments):
        """Let the task have succeeded for these minutes."""
        with connection.cursor() as cursor:
            for moment in moments:
                cursor.execute(
                    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, args, status, attempts)"
                    " VALUES ('clock', 'warnings.judge', 0, %s, 'succeeded', 1)", [json.dumps({"timestamp": int(moment.timestamp())})],
                )  # fmt: skip

    def test_begins_now_after_a_break_and_reaches_back_without_one(self, world, now):
        assert tasks.listens_since(now) == now
        self.ran([now - timedelta(minutes=300), now - timedelta(minutes=15), now - timedelta(minutes=10), now - timedelta(minutes=5)])
        assert tasks.listens_since(now) == now - timedelta(minutes=15)
        assert tasks.listens_since(now + timedelta(minutes=30)) == now + timedelta(minutes=30)

    def test_lets_no_device_be_blamed_for_the_time_in_which_nobody_listened(self, world, now):
        make_rule(now, world, "silence", threshold=30.0)
        Device.objects.update(last_seen_at=now - timedelta(hours=2))
        tasks.judge.func(timestamp=0)
        assert not Episode.objects.exists()
        self.ran([now - timedelta(minutes=5 * back) for back in range(8, 0, -1)])
        tasks.judge.func(timestamp=0)
        assert Episode.objects.get().peak == pytest.approx(40, abs=1)


class TestFaults:
    def test_of_one_rule_stop_no_other_and_are_shown_until_they_are_gone(self, world, now, monkeypatch):
        bad = make_rule(now, world, "rate", factor="w01018", threshold=5.0)
        make_rule(now, world, "silence", threshold=30.0)
        Device.objects.update(last_seen_at=now - timedelta(hours=2))
        look = tasks.looking.look

        def broken(rule, at, **more):
            if rule.pk == bad.pk:
                raise OverflowError("a stored value")
            return look(rule, at, **more)

        monkeypatch.setattr(tasks.looking, "look", broken)
        tasks.judge.func(timestamp=0)
        assert Episode.objects.get().cause == "silence"
        bad.refresh_from_db()
        assert bad.fault == "a stored value"
        monkeypatch.setattr(tasks.looking, "look", look)
        tasks.judge.func(timestamp=0)
        bad.refresh_from_db()
        assert (bad.fault, bad.faulty_at) == ("", None)
