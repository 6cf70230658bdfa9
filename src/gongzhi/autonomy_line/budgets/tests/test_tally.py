"""`./gongzhi tally` from outside, and the real votes of the shared data of developers (not part of the project)."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

DATA = Path("/work/shared/data/pabulib")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data of developers is not on this machine")


def tally(*arguments):
    out = io.StringIO()
    call_command("tally", *map(str, arguments), stdout=out)
    return json.loads(out.getvalue())


def test_prints_one_json_for_each_kind(tmp_path):
    blt = tmp_path / "a.blt"
    blt.write_text('2 1\n3 1 0\n1 2 0\n0\n"Ann"\n"Bob"\n"T"\n', encoding="utf-8")
    rows = tmp_path / "a.csv"
    rows.write_text("count,rank1\n3,甲\n1,乙\n", encoding="gb18030")
    assert tally(blt)["winners"] == ["Ann"]
    assert tally(rows)["winners"] == ["甲"]
    assert "当选" in tally(rows, "--language", "zh-hans")["rounds"][0]["words"][-1]
    rules = tmp_path / "rules.json"
    rules.write_text('{"method": "majority", "seats": 1, "registered": 8}', encoding="utf-8")
    assert tally(rows, "--rules", rules)["winners"] == []


def test_a_malformed_file_is_refused_with_file_line_and_reason(tmp_path):
    broken = tmp_path / "a.blt"
    broken.write_text("2 1\n3 7 0\n0\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"a\.blt: line 2: there is no candidate '7'"):
        tally(broken)
    with pytest.raises(CommandError, match="No such file"):
        tally(tmp_path / "none.csv")


@needs_data
@pytest.mark.parametrize("name", sorted(file.name for file in DATA.glob("*.pb")) if DATA.is_dir() else [])
def test_the_real_winners_come_out(name):
    told = tally(DATA / name)
    if told["winners_in_file"] is None:
        assert told["differs"] == []
        return
    other = {one["project"] for one in told["differs"]}
    assert set(told["winners"]) == set(told["winners_in_file"]) - other
    assert all(one["selected"] == 2 and one["reasons"] for one in told["differs"])
    assert bool(other) == name.startswith("Poland_Gdynia")
