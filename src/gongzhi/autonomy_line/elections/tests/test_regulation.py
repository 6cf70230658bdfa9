import json
from fractions import Fraction

import pytest
from django.utils import translation

from gongzhi.autonomy_line.elections import regulation, runoff, telling
from gongzhi.autonomy_line.elections.contests import WRITE_INS, Malformed

TABULATOR = {
    "outputSettings": {"contestName": "Mayor"},
    "cvrFileSources": [{"overvoteLabel": "OV", "skippedRankLabel": "none", "undeclaredWriteInLabel": "other"}],
    "candidates": [{"name": "Ann", "aliases": ["A."]}, {"name": "Bob", "excluded": True}],
    "rules": {"numberOfWinners": "2", "winnerElectionMode": runoff.SEVERAL, "tiebreakMode": "random", "overvoteRule": runoff.SKIP, "randomSeed": "-3",
              "maxSkippedRanksAllowed": "1", "maxRankingsAllowed": "max", "hareQuota": True, "minimumVoteThreshold": "2.5"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_english():
    """Say it in the language that these tests read, whatever the test before spoke."""
    with translation.override("en"):
        yield


def test_the_configuration_of_a_tabulator_is_understood():
    rules = regulation.read(json.dumps(TABULATOR))
    told = rules.tabulator
    assert (told.winners, told.mode, told.overvotes, told.seed, told.most_skipped, told.most_ranks) == (2, runoff.SEVERAL, runoff.SKIP, -3, 1, None)
    assert (told.hare, told.least_votes, told.excluded, rules.title) == (True, Fraction(5, 2), {"Bob"}, "Mayor")
    assert rules.labels.names["A."] == "Ann"
    assert rules.labels.skipped == {"none", ""}
    assert rules.candidates == ("Ann", "Bob", WRITE_INS)


@pytest.mark.parametrize(("change", "word"), [
    ({"numberOfWinners": "two"}, "numberOfWinners"),
    ({"numberOfWinners": 0}, "numberOfWinners"),
    ({"winnerElectionMode": "best"}, "winnerElectionMode"),
    ({"overvoteRule": "x"}, "overvoteRule"),
    ({"batchElimination": "yes"}, "batchElimination"),
    ({"randomSeed": "x"}, "randomSeed"),
    ({"minimumVoteThreshold": "-1"}, "minimumVoteThreshold"),
])  # fmt: skip
def test_a_value_that_cannot_be_used_is_named(change, word):
    with pytest.raises(Malformed) as refused:
        regulation.read(json.dumps({**TABULATOR, "rules": {**TABULATOR["rules"], **change}}))
    assert word in refused.value.reason


@pytest.mark.parametrize(("told", "word"), [
    ([], "object"),
    ({}, "method"),
    ({"method": "best"}, "method"),
    ({"method": "block", "seats": 0}, "seats"),
    ({"method": "block", "seats": 1.5}, "seats"),
    ({"method": "block", "relatives": [["A"]]}, "relatives"),
    ({"method": "block", "posts": {"A": 0}}, "posts"),
    ({"method": "block", "candidates": ["A", "A"]}, "candidates"),
])  # fmt: skip
def test_our_own_rules_are_checked(told, word):
    with pytest.raises(Malformed) as refused:
        regulation.read(json.dumps(told))
    assert word in refused.value.reason


def test_rules_that_are_no_json_are_refused_with_their_line():
    with pytest.raises(Malformed) as refused:
        regulation.read('{"method":\n')
    assert refused.value.line == 2


CROSSES = "count,choice1,choice2\n6,甲,乙\n3,甲,丙\n1,丁,\n"


def test_a_block_vote_is_counted_by_its_rules_and_told_in_words():
    rules = regulation.read(json.dumps({"method": "block", "seats": 2, "registered": 15, "relatives": [["甲", "乙"]]}))
    told = telling.tally(CROSSES, kind="csv", rules=rules)
    assert told["winners"] == ["甲"]
    assert told["second_round"] == ["丙", "丁"]
    assert any("near relatives" in words for words in told["rounds"][0]["words"])
    assert "10 of 15 voters took part" in told["steps"][1]


def test_rules_that_name_somebody_else_are_refused():
    rules = regulation.read(json.dumps({"method": "block", "seats": 2, "lots": ["戊"]}))
    with pytest.raises(Malformed) as refused:
        telling.tally(CROSSES, kind="csv", rules=rules)
    assert "戊" in refused.value.reason


@pytest.mark.parametrize("method", regulation.METHODS)
def test_every_method_counts_and_says_every_step(method):
    told = telling.tally(CROSSES, kind="csv", method=method, seats=2)
    said = [*told["steps"], *(words for one in told["rounds"] for words in one["words"])]
    assert said
    assert "The count went on." not in said
    assert told["rule_in_words"]
