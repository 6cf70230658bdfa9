"""A short run of the fuzzer over the kept corpus; the long one is run by hand (docs/running/fuzzing.md)."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_no_bytes_break_the_reader_of_hj212(tmp_path):
    # in a process of its own: a hang or a crash of the interpreter is a finding too
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.hj212", "-runs=60000", "-timeout=10", "-rss_limit_mb=1500", f"-artifact_prefix={tmp_path}/", "-seed=212",
         str(tmp_path), str(HERE / "corpus" / "hj212")],
        cwd=HERE.parents[1], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True, text=True,
        errors="replace", timeout=900, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
