"""Real ballots, real results: the shared data of developers, which is not part of the project."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from gongzhi.autonomy_line.elections import regulation, telling
from gongzhi.autonomy_line.elections.contests import plain
from gongzhi.autonomy_line.elections.reading import text_of

DATA = Path("/work/shared/data/elections")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data of developers is not on this machine")


def test_the_mayor_of_minneapolis_2017_is_elected_as_the_city_counted_round_by_round():
    rules = regulation.read((DATA / "2017_minneapolis_mayor_rules.json").read_text(encoding="utf-8"))
    told = telling.tally(text_of((DATA / "2017_minneapolis_mayor_ballots.csv").read_bytes()), kind="csv", rules=rules)
    expected = json.loads((DATA / "2017_minneapolis_mayor_expected.json").read_text(encoding="utf-8"))
    assert told["winners"] == ["Jacob Frey"]
    assert told["ballots"]["blank"] == str(expected["summary"]["undervotes"])
    assert len(told["rounds"]) == len(expected["results"])
    for ours, theirs in zip(told["rounds"], expected["results"], strict=True):
        assert ours["tally"] == theirs["tally"]
        assert ours["threshold"] == theirs["threshold"]
        assert ours["inactiveBallots"] == theirs["inactiveBallots"]
        for one in theirs["tallyResults"]:
            if "eliminated" in one:
                assert one["eliminated"] in ours["eliminated"]
                assert ours["transfers"].get(one["eliminated"], {}) == one["transfers"]
            else:
                assert ours["elected"] == [one["elected"]]


def test_liberton_gilmerton_2022_elects_the_four_councillors():
    text = text_of((DATA / "scot_edinburgh_2022_ward16.csv").read_bytes())
    told = telling.tally(text, kind="csv")
    assert told["rule"] == "scottish"
    assert told["rounds"][0]["threshold"] == "2487"
    assert told["winners"] == ["Lezley Marion Cameron", "Philip Doggart", "Lesley Macinnes", "Martha Mattos Coelho"]
    assert told["rounds"][0]["elected"] == ["Lezley Marion Cameron", "Lesley Macinnes"]
    valid = Fraction(told["ballots"]["valid"])
    for one in told["rounds"]:
        assert plain(sum(map(Fraction, one["tally"].values())) + sum(map(Fraction, one["inactiveBallots"].values()))) == plain(valid)
    assert telling.tally(text, kind="csv", method="stv")["winners"] == told["winners"]
