"""A short run of each fuzzer over its kept corpus; the long ones are run by hand (docs/running/fuzzing.md)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize(("target", "runs"), [("hj212", 60_000), ("payloads", 60_000), ("streams", 8_000)])
def test_no_bytes_break_a_reader(tmp_path, target, runs):
    # in a process of its own: a hang or a crash of the interpreter is a finding too
    run = subprocess.run(
        [sys.executable, "-m", f"tests.fuzz.{target}", f"-runs={runs}", "-timeout=10", "-rss_limit_mb=1500", f"-artifact_prefix={tmp_path}/", "-seed=212",
         str(tmp_path), str(HERE / "corpus" / target)],
        cwd=HERE.parents[1], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True,
        errors="replace", timeout=900, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    seen = re.search(r"DONE\s+cov: (\d+)", run.stderr)
    assert seen, "nothing of what is read is watched"  # without it inputs are guesses
    assert int(seen[1]) > 100
