"""What `./gongzhi check` asks of style and types holds in every run of the tests too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent


@pytest.mark.parametrize("command", [["ruff", "check", "src", "tests", "bench", "gongzhi"], ["mypy", "src/gongzhi"]], ids=["ruff", "mypy"])
def test_finds_nothing(command: list[str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.test"}
    done = subprocess.run([str(TOOLS / command[0]), *command[1:]], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
