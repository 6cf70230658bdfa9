"""Every task has a queue that the worker serves, and takes ids only."""

import importlib
import inspect
from pathlib import Path

import pytest
from django.db import connection

import gongzhi

SRC = Path(gongzhi.__file__).parent


def _tasks():
    from procrastinate.contrib.django import app

    for file in SRC.glob("**/tasks.py"):
        importlib.import_module(".".join(file.relative_to(SRC.parent).with_suffix("").parts))
    return [task for name, task in app.tasks.items() if task.func.__module__.startswith("gongzhi.")]


def test_tasks_take_ids_and_small_words_only():
    found = _tasks()
    assert found
    for task in found:
        for parameter in inspect.signature(task.func).parameters.values():
            if task.pass_context and parameter.name == "context":
                continue
            assert parameter.annotation in (int, str, bool, "int", "str", "bool", int | None, "int | None", inspect.Parameter.empty) or "list[int]" in str(
                parameter.annotation
            ), f"{task.name}({parameter})"


def test_the_worker_serves_every_queue():
    """The worker is started without a list of queues and therefore serves all of them."""
    from gongzhi.config.running import worker_command

    assert "--queues" not in worker_command(1)
    assert "-q" not in worker_command(1)


NIGHTLY = 6  # runs a day up to which a task may enter every town


def _runs_a_day(cron):
    from croniter import croniter

    runs = croniter(cron, 0.0)
    count = 0
    while runs.get_next(float) < 86_400:
        count += 1
        if count > NIGHTLY:
            break
    return count


def test_what_runs_all_day_enters_only_the_towns_where_something_happened():
    """A thousand quiet towns must cost nothing: what comes oftener than a few times a night asks `kernel.work.towns_having` where to go."""
    from procrastinate.contrib.django import app

    _tasks()
    seen = 0
    for periodic in app.periodic_registry.periodic_tasks.values():
        if _runs_a_day(periodic.cron) <= NIGHTLY:
            continue
        seen += 1
        module = importlib.import_module(periodic.task.func.__module__)
        source = inspect.getsource(periodic.task.func)
        called = [getattr(module, name, None) for name in periodic.task.func.__code__.co_names]
        source += "".join(inspect.getsource(each) for each in called if inspect.isfunction(each))
        assert ".town_ids(" not in source, f"{periodic.task.name} enters every town; ask towns_having"
    assert seen >= 8


@pytest.mark.django_db
def test_where_there_is_work_is_answered_for_all_towns_and_tells_numbers_only():
    """Each function that says where there is work runs as the owner, for the application's role, and gives numbers of towns only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, p.prosecdef, has_function_privilege('gongzhi_app', p.oid, 'EXECUTE'), pg_get_function_result(p.oid), p.proconfig"
            " FROM pg_proc p WHERE p.proname LIKE 'towns_having_%%'"
        )
        found = cursor.fetchall()
    assert len(found) >= 8
    for name, runs_as_owner, is_granted, result, config in found:
        assert runs_as_owner, name
        assert is_granted, name
        assert result == "SETOF bigint", name
        assert config == ["search_path=public, pg_temp"], name
