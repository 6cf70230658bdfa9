import os
import re
from pathlib import Path

import pytest

import gongzhi
from gongzhi.config import installation, running


@pytest.fixture(autouse=True)
def _as_from_a_fresh_shell(monkeypatch):
    for variable in ("GONGZHI_DATA_DIR", "GONGZHI_PUBLIC_URL", "GONGZHI_SECRET_KEY", "GONGZHI_FIELD_KEY"):
        monkeypatch.setenv(variable, "x")  # so that it is put back as it was
        monkeypatch.delenv(variable)


class TestReset:
    def test_leaves_nothing_of_the_old_towns_and_touches_nothing_else(self, tmp_path):
        folder = installation.settle(str(tmp_path))
        for name in running.KEPT_FOLDERS:
            (folder / name).mkdir()
            (folder / name / "1.head").write_text("of the old log")
        (folder / "mine").mkdir()
        (folder / "mine" / "notes.txt").write_text("kept")
        installation.remember(folder, demo="loaded", address="http://127.0.0.1:8000")
        running._forget(folder)
        assert sorted(path.name for path in folder.iterdir()) == ["mine"]

    def test_knows_every_folder_that_the_product_keeps_beside_its_database(self):
        source = Path(gongzhi.__file__).parent
        named = set()
        for file in source.rglob("*.py"):
            if "tests" not in file.parts:
                named |= set(re.findall(r'\bVAR\)? / "([a-z-]+)"', file.read_text(encoding="utf-8")))
        assert named >= {"ledger-keys", "gateway", "imports"}
        assert named <= set(running.KEPT_FOLDERS)


class TestAddress:
    def test_of_a_demo_is_known_to_other_verbs_on_its_folder(self, tmp_path, monkeypatch):
        installation.remember(tmp_path, address="http://127.0.0.1:8103")
        installation.settle(str(tmp_path))
        assert os.environ["GONGZHI_PUBLIC_URL"] == "http://127.0.0.1:8103"
        monkeypatch.setenv("GONGZHI_PUBLIC_URL", "https://yunxi.example.cn")
        installation.settle(str(tmp_path))
        assert os.environ["GONGZHI_PUBLIC_URL"] == "https://yunxi.example.cn"
