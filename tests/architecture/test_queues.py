"""Every task has a queue that the worker serves, and takes ids only."""

import importlib
import inspect
from pathlib import Path

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
