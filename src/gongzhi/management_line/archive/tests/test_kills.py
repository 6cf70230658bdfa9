"""A run killed with -9 at any point, and at any moment: the next one ends it, and nothing is lost or doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from gongzhi.kernel.actors import CLOCK
from gongzhi.management_line.archive import moving, queries
from gongzhi.management_line.archive.models import ArchivedFile
from gongzhi.management_line.archive.tests.factories import OLD, hot_rows, put, series_of
from gongzhi.management_line.sensing.tests.factories import make_station, process_environment

RUN = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import enter_town
from gongzhi.kernel import operation
from gongzhi.management_line.archive import files, moving, operations
town, at, point = int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3]

def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

def after(module, name):
    whole = getattr(module, name)
    def wrapped(*args, **kwargs):
        whole(*args, **kwargs)
        die()
    setattr(module, name, wrapped)

if point == "before_rename":
    files._settle = lambda folder: None
    files.write.__kwdefaults__["replace"] = die
elif point == "after_rename":
    files._settle = die
elif point == "while_noting":
    operations.ArchiveFileWritten = die
elif point == "while_deleting":
    operations.ReadingsMovedOut = die
elif point == "before_commit":
    operation._publish = (lambda publish: lambda work: die() if work.entries[-1].fact.kind == "ReadingsMovedOut" else publish(work))(operation._publish)
elif point != "none":
    after(operations, point)
enter_town(town)
moving.move_out(by=CLOCK, at=at, part_rows=3000)
"""
POINTS = ("before_rename", "after_rename", "while_noting", "note_file", "verify_file", "while_deleting", "before_commit", "drop_rows")

pytestmark = pytest.mark.fault


def _start(town, noon, point, folder):
    environment = process_environment() | {"GONGZHI_ARCHIVE": str(folder)}
    return subprocess.Popen([sys.executable, "-W", "ignore", "-c", RUN, str(town.pk), noon.isoformat(), point], env=environment, stderr=subprocess.PIPE)


def _all(series):
    return queries.readings_between(seen_by=CLOCK, series_ids=series, since=OLD - timedelta(days=1), until=OLD + timedelta(days=60), most=None)


@pytest.fixture
def series(committed_db, town, noon):
    found = series_of(make_station(noon)[1])
    for one in found:
        put(one, OLD, 3000)
    put(found[0], OLD, 20, version=1, add=3)
    return found


def _sound(series, before):
    """Check what a reader sees, and that each row is in exactly one place."""
    assert _all(series) == before
    kept = sum(ArchivedFile.objects.in_force().values_list("rows", flat=True))
    assert hot_rows() + kept == 6020


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_point_it_is_ended_by_the_next_run(series, town, noon, archive_folder, point):
    before = _all(series)
    process = _start(town, noon, point, archive_folder)
    _out, trouble = process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL, trouble.decode()[-800:]
    _sound(series, before)
    moving.move_out(by=CLOCK, at=noon, part_rows=3000)
    _sound(series, before)
    assert hot_rows() == 0
    assert queries.unlisted(seen_by=CLOCK) == []
    assert not list(archive_folder.rglob("*.writing"))


def test_who_reads_while_it_runs_sees_each_reading_once(series, town, noon, archive_folder):
    before = _all(series)
    process = _start(town, noon, "none", archive_folder)
    looks = 0
    while process.poll() is None:
        assert _all(series) == before
        looks += 1
    assert process.returncode == 0, process.stderr.read().decode()[-800:]
    process.stderr.close()
    assert looks
    _sound(series, before)
    assert hot_rows() == 0


def test_killed_again_and_again_at_any_moment_it_still_ends(series, town, noon, archive_folder):
    before = _all(series)
    chance = random.Random(7)
    for _kill in range(6):
        process = _start(town, noon, "none", archive_folder)
        time.sleep(chance.uniform(0.5, 2.5))
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()
        _sound(series, before)
    moving.move_out(by=CLOCK, at=noon, part_rows=3000)
    _sound(series, before)
    assert hot_rows() == 0
