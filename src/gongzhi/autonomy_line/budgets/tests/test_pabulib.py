from fractions import Fraction

import pytest
from django.utils import translation

from gongzhi.autonomy_line.budgets import counting, pabulib, telling
from gongzhi.autonomy_line.elections.contests import Malformed

FILE = """META
key;value
description;Town
budget;100
vote_type;approval
rule;greedy
max_length;2
num_votes;4
PROJECTS
project_id;cost;votes;name;selected
p1;60;3;"Trees; many";1
p2;50;2;Bench;0
p3;40;1;Lamp;1
VOTES
voter_id;vote;age
1;p1,p2;30
2;p1;41
3;p1,p3;
4;p2;22
"""


@pytest.fixture(autouse=True)
def in_english():
    """Say it in the language that these tests read, whatever the test before spoke."""
    with translation.override("en"):
        yield


def changed(*pairs):
    text = FILE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


class TestRead:
    def test_reads_sections_columns_and_quotes(self):
        read = pabulib.read(FILE)
        assert (read.budget, read.vote_type, read.rule, read.voters) == (100, "approval", "greedy", 4)
        assert read.projects[0].name == "Trees; many"
        assert counting.sums(read) == {"p1": 3, "p2": 2, "p3": 1}

    def test_takes_spaces_decimal_commas_empty_lines_and_other_cases(self):
        text = changed(("budget;100", "budget; 100,50 "), ("META\nkey;value", "meta\n\nKey; Value"), ("VOTES\n", "\n VOTES \n"),
                       ("1;p1,p2;30", "1; p1 , p2 ;30"))  # fmt: skip
        assert pabulib.read(text).budget == Fraction(201, 2)
        assert counting.sums(pabulib.read(text))["p2"] == 2

    def test_a_ranking_gives_points_by_places_and_points_count_as_given(self):
        ranked = pabulib.read(changed(("approval", "ordinal")))
        assert counting.sums(ranked) == {"p1": 2 + 1 + 2, "p2": 1 + 1, "p3": 1}
        pointed = changed(("approval", "cumulative"), ("voter_id;vote;age", "voter_id;vote;points"), ("1;p1,p2;30", "1;p1,p2;5,2"), ("2;p1;41", "2;p1;1"),
                          ("3;p1,p3;", "3;p1,p3;0,4"), ("4;p2;22", "4;p2;3"))  # fmt: skip
        assert counting.sums(pabulib.read(pointed)) == {"p1": 6, "p2": 5, "p3": 4}

    @pytest.mark.parametrize(("old", "new", "line", "word"), [
        ("budget;100\n", "", 1, "does not say budget"),
        ("budget;100", "budget;much", 4, "not a number"),
        ("budget;100", "budget;-1", 4, "negative"),
        ("vote_type;approval", "vote_type;loud", 5, "vote type"),
        ("PROJECTS\n", "", 18, "PROJECTS is missing"),
        ("VOTES\n", "PROJECTS\n", 14, "twice"),
        ("project_id;cost", "project;cost", 10, "project_id"),
        ("project_id;cost", "project_id;price", 10, "no column cost"),
        ("p2;50;2", "p1;50;2", 12, "twice"),
        ("p2;50;2", "p2;fifty;2", 12, "not a number"),
        ("p2;50;2", ";50;2", 12, "no project_id"),
        ("2;p1;41", "1;p1;41", 17, "'1' is there twice"),
        ("2;p1;41", "2;p9;41", 17, "no project 'p9'"),
        ("2;p1;41", ";p1;41", 17, "no voter_id"),
        ("voter_id;vote", "voter_id;choice", 15, "no column vote"),
        ("META\n", "x;1\nMETA\n", 1, "before"),
    ])  # fmt: skip
    def test_refuses_with_line_and_reason(self, old, new, line, word):
        with pytest.raises(Malformed) as refused:
            pabulib.read(changed((old, new)))
        assert refused.value.line == line, refused.value
        assert word in refused.value.reason

    def test_an_approval_said_twice_counts_once_and_is_remarked(self):
        read = pabulib.read(changed(("2;p1;41", "2;p1,p1;41")))
        assert counting.sums(read)["p1"] == 3
        assert read.remarks == ("1 ballots name a project twice; it is counted once",)

    def test_points_that_do_not_fit_the_projects_are_refused(self):
        text = changed(("approval", "cumulative"), ("voter_id;vote;age", "voter_id;vote;points"))
        with pytest.raises(Malformed) as refused:
            pabulib.read(text)
        assert (refused.value.line, "2 projects" in refused.value.reason) == (16, True)

    def test_ballots_beyond_the_limits_of_the_file_are_counted_and_remarked(self):
        read = pabulib.read(changed(("max_length;2", "max_length;1")))
        assert "2 ballots lie beyond max_length 1" in read.remarks[0]
        assert counting.sums(read)["p1"] == 3


class TestCount:
    def test_passes_over_what_does_not_fit(self):
        counted = counting.count(pabulib.read(FILE))
        assert counted.winners == ("p1", "p3")
        assert counted.differs == ()

    def test_without_passing_over_the_first_that_does_not_fit_ends_it(self):
        counted = counting.count(pabulib.read(changed(("rule;greedy", "rule;greedy-no-skip"))))
        assert counted.winners == ("p1",)
        assert [one.project for one in counted.differs] == ["p3"]

    def test_exactly_the_threshold_is_enough(self):
        text = changed(("max_length;2", "min_project_score_threshold;1"))
        assert counting.count(pabulib.read(text)).winners == ("p1", "p3")
        assert counting.count(pabulib.read(text.replace("threshold;1", "threshold;2"))).winners == ("p1",)

    def test_a_project_that_the_file_marks_otherwise_is_told_with_its_comment(self):
        text = changed(("p2;50;2;Bench;0", "p2;50;2;Bench;2"), ("max_length;2", "comment;#1: bonus for turnout"))
        told = telling.tally(text)
        assert told["winners"] == ["p1", "p3"]
        assert told["differs"][0]["project"] == "p2"
        assert "bonus for turnout" in told["differs"][0]["reasons"][0]

    def test_equal_votes_where_money_is_short_are_named(self):
        text = changed(("3;p1,p3;", "3;p1,p3;\n5;p3;"), ("p3;40;1;Lamp;1", "p3;40;2;Lamp;1"), ("budget;100", "budget;110"),
                       ("p2;50;2;Bench;0", "p2;50;2;Bench;1"), ("Lamp;1", "Lamp;0"))  # fmt: skip
        counted = counting.count(pabulib.read(text))
        assert counted.winners == ("p1", "p2")
        assert counted.ties == (("p2", "p3"),)

    def test_a_result_that_the_ballots_do_not_give_is_said(self):
        told = telling.tally(changed(("p2;50;2;Bench;0", "p2;50;9;Bench;1"), ("p1;60;3", "p1;60;4")))
        assert any("do not give its own results" in step for step in told["steps"])
        assert any("the file's own result is 9" in reason for reason in told["differs"][0]["reasons"])

    def test_a_rule_that_nobody_knows_is_refused(self):
        with pytest.raises(Malformed):
            counting.count(pabulib.read(FILE), rule="loudest")

    @pytest.mark.parametrize("rule", [*counting.GREEDY_RULES, "equalshares", "equalshares/add1", "equalshares/add1u", "equalshares/exhaustive",
                                      "equalshares/add1-comparison", "unknown"])  # fmt: skip
    def test_every_rule_is_counted_and_said(self, rule):
        told = telling.tally(FILE, rule=rule)
        assert told["rounds"]
        assert all(one["words"] for one in told["rounds"])
        assert Fraction(told["spent"]) <= 100
