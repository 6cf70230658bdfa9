"""The import contracts of pyproject.toml hold, and they can be broken: a planted breach is found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _lint(extra: Path | None = None) -> subprocess.CompletedProcess[str]:
    path = f"{extra}{os.pathsep}{ROOT / 'src'}" if extra else str(ROOT / "src")
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": path, "DJANGO_SETTINGS_MODULE": "gongzhi.config.settings.base"},
    )  # fmt: skip


def test_every_contract_holds():
    done = _lint()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("kernel/planted.py", "from gongzhi.cases import queries"),
        ("foundation/territory/planted.py", "from gongzhi.foundation.people import queries"),
        ("cases/queries/lists.py", "from gongzhi.cases import operations"),
        ("foundation/organs/queries.py", "from gongzhi.foundation.people.models import Person"),
        ("management_line/reports/planted.py", "from gongzhi.management_line.sensing import queries"),
        ("cases/facts.py", "import django.db"),
    ],
)
def test_a_planted_breach_is_found(tmp_path, file, line):
    """Copy the tree, plant one forbidden import, and see that a contract breaks."""
    import shutil

    shutil.copytree(ROOT / "src" / "gongzhi", tmp_path / "gongzhi", ignore=shutil.ignore_patterns("static", "locale", "templates", "__pycache__"))
    planted = tmp_path / "gongzhi" / file
    planted.write_text((planted.read_text() if planted.exists() else "") + f"\n{line}\n")
    done = _lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 broken" in done.stdout or "2 broken" in done.stdout or "3 broken" in done.stdout
