from fractions import Fraction

import pytest

from gongzhi.autonomy_line.elections.contests import OVERVOTE, WRITE_INS, Malformed
from gongzhi.autonomy_line.elections.reading import blt, kind_of, sheets, text_of


def said(contest):
    return [(ballot.weight, ballot.ranks) for ballot in contest.ballots]


class TestRanked:
    def test_reads_patterns_with_counts_and_the_words_of_scanners(self):
        contest = sheets.read("count,rank1,rank2\n5,Ann,undervote\n2,overvote,Bob\n1,UWI,\n")
        assert said(contest) == [(5, (("Ann",), ())), (2, ((OVERVOTE,), ("Bob",))), (1, ((WRITE_INS,), ()))]
        assert contest.candidates == ("Ann", "Bob", WRITE_INS)

    def test_reads_single_ballots_other_headers_and_other_separators(self):
        assert said(sheets.read("precinct;Choice 1;Choice 2\n7;甲;乙\n"))[0] == (1, (("甲",), ("乙",)))
        assert said(sheets.read("第1选择\t第2选择\n甲\t\n"))[0] == (1, (("甲",), ()))
        assert said(sheets.read("1st choice,2nd choice\nAnn,Bob\n"))[0] == (1, (("Ann",), ("Bob",)))

    @pytest.mark.parametrize(("text", "line", "word"), [
        ("", 1, "empty"),
        ("name,age\nAnn,3\n", 1, "no column is a rank"),
        ("count,rank1\n", 1, "no ballot"),
        ("count,rank1,rank3\n1,Ann,Bob\n", 1, "rank 2"),
        ("count,rank1,rank1\n1,Ann,Bob\n", 1, "two columns"),
        ("count,rank1\n3,Ann\nx,Bob\n", 3, "count"),
        ("count,rank1\n3,Ann\n-1,Bob\n", 3, "count"),
        ("count,rank1\n0,Ann\n", 2, "count"),
        ("count,rank1\n1.5,Ann\n", 2, "count"),
        ("count,rank1\n3,Ann,Bob\n", 2, "cells"),
        ('count,rank1\n3,"Ann\n', 2, "CSV"),
        ("count,rank1\n3,undervote\n", 1, "names a candidate"),
    ])  # fmt: skip
    def test_refuses_with_line_and_reason(self, text, line, word):
        with pytest.raises(Malformed) as refused:
            sheets.read(text)
        assert refused.value.line == line
        assert word in refused.value.reason

    def test_a_name_that_the_rules_do_not_know_is_refused_with_its_line(self):
        labels = sheets.Labels(candidates=("Ann",), names={"Ann": "Ann", "A.": "Ann"})
        assert said(sheets.read("rank1\nA.\n", labels=labels)) == [(1, (("Ann",),))]
        with pytest.raises(Malformed) as refused:
            sheets.read("rank1\nAnn\nBob\n", labels=labels)
        assert (refused.value.line, "Bob" in refused.value.reason) == (3, True)


NUMBERED = '3,2,\n12,1,\n88,1,3,2,\n"Candidate 1","Al","Party A (A)",\n"Candidate 2","Be","",\n"Candidate 3","Ce","C",\n"Wardy Town",\n'


class TestNumbered:
    def test_reads_candidates_parties_and_district(self):
        contest = sheets.read(NUMBERED)
        assert (contest.title, contest.seats, contest.candidates) == ("Wardy Town", 2, ("Al", "Be", "Ce"))
        assert contest.parties == {"Al": "Party A (A)", "Ce": "C"}
        assert said(contest) == [(12, (("Al",),)), (88, (("Al",), ("Ce",), ("Be",)))]

    @pytest.mark.parametrize(("old", "new", "line", "word"), [
        ("88,1,3,2,", "88,1,4,2,", 3, "no candidate '4'"),
        ("88,1,3,2,", "88,1,3,1,", 3, "named twice"),
        ("88,1,3,2,", "0,1,3,", 3, "count"),
        ("3,2,", "3,", 1, "two numbers"),
        ("3,2,", "3,0,", 1, "at least one"),
        ('"Candidate 2"', '"Candidate 3"', 5, "candidate 3"),
        ('"Candidate 3","Ce","C",\n"Wardy Town",\n', "", 5, "only 2"),
        ('"Be"', '"Al"', 5, "two candidates"),
        ('"Wardy Town",\n', '"Wardy Town",\n"More",\n', 8, "more after"),
    ])  # fmt: skip
    def test_refuses_with_line_and_reason(self, old, new, line, word):
        with pytest.raises(Malformed) as refused:
            sheets.read(NUMBERED.replace(old, new, 1))
        assert refused.value.line == line, refused.value
        assert word in refused.value.reason


BLT = '4 2\n-2\n3 1 3 4 0\n4 1 3 2 0\n1 2 0\n0\n"Adam"\n"Basil"\n"Charlotte"\n"Donald"\n"Title"\n'


class TestBlt:
    def test_reads_the_example_of_its_authors(self):
        contest = blt.read(BLT)
        assert (contest.title, contest.seats, contest.candidates) == ("Title", 2, ("Adam", "Basil", "Charlotte", "Donald"))
        assert contest.withdrawn == {"Basil"}
        assert said(contest)[0] == (3, (("Adam",), ("Charlotte",), ("Donald",)))

    @pytest.mark.parametrize("text", [
        BLT.replace("\n", "\r\n"),
        BLT.replace("\n", "  \n").replace("4 2", " 4  2", 1),
        "# a comment\n" + BLT.replace("-2\n", "-2 # gone\n/* more\nof it */\n"),
        '4 2 -2 3 1 3 4 0 4 1 3 2 0 1 2 0 0 "Adam" "Basil" "Charlotte" "Donald" "Title"',
        BLT.replace(" 0\n", "\n"),
        BLT.replace("3 1 3 4 0\n4 1 3 2 0\n", "3 1 3 4 0 4 1 3 2 0\n"),
        BLT.replace('"Adam"', "Adam").replace('"Title"', "Title"),
        BLT.replace("-2\n", "[nick a b c d]\n[withdrawn b]\n").replace("3 1 3 4 0", "3 a c d 0"),
    ])  # fmt: skip
    def test_reads_what_its_users_added_as_the_same(self, text):
        assert said(blt.read(text)) == said(blt.read(BLT))
        assert blt.read(text).withdrawn == {"Basil"}

    def test_reads_equal_skipped_and_weighted_ballots(self):
        contest = blt.read('3 1\n1.5 1=2 3 0\n1 - 2 0\n2 1 0 3 0\n(b7) 3 (1 2) 0\n0\n"A"\n"B"\n"C"\n"T"')
        assert said(contest) == [
            (Fraction(3, 2), (("A", "B"), ("C",))), (1, ((), ("B",))), (2, (("A",), (), ("C",))), (1, (("C",), ("A", "B"))),
        ]  # fmt: skip

    def test_reads_names_with_quotes_inside_and_a_title_with_spaces(self):
        contest = blt.read('1 1\n1 1 0\n0\n"Ann ""The Party"""\nWard 16 - Liberton\n')
        assert (contest.candidates, contest.title) == (('Ann "The Party"',), "Ward 16 - Liberton")

    def test_takes_the_order_of_a_drawn_lot(self):
        assert blt.read("[tie 3 1 2]\n".join(BLT.split("-2\n"))).lots == ("Charlotte", "Adam", "Basil")

    def test_names_may_be_left_out_altogether(self):
        assert blt.read("2 1\n1 1 2 0\n0\n").candidates == ("1", "2")

    @pytest.mark.parametrize(("old", "new", "line", "word"), [
        ("4 2\n", "four 2\n", 1, "two numbers"),
        ("4 2\n", "4 0\n", 1, "at least one"),
        ("-2\n", "-5\n", 2, "no candidate '5'"),
        ("4 1 3 2 0", "4 1 3 9 0", 4, "no candidate '9'"),
        ("4 1 3 2 0", "4 1 3 1 0", 4, "named twice"),
        ("4 1 3 2 0", "0 1 3 0", 4, "begins with"),
        ("4 1 3 2 0", "4 1 x 0", 4, "no candidate 'x'"),
        ("1 2 0\n0\n", "1 2 0\n", 6, "no end"),
        ('"Donald"\n"Title"\n', "", 9, "only 3"),
        ('"Basil"', '"Adam"', 8, "two candidates"),
        ('"Basil"', '"Basil', 8, "does not end"),
    ])  # fmt: skip
    def test_refuses_with_line_and_reason(self, old, new, line, word):
        with pytest.raises(Malformed) as refused:
            blt.read(BLT.replace(old, new, 1))
        assert refused.value.line == line, refused.value
        assert word in refused.value.reason

    def test_an_empty_file_is_refused(self):
        with pytest.raises(Malformed):
            blt.read(" \n# nothing\n")


class TestKinds:
    def test_the_first_line_says_what_an_unnamed_file_is(self):
        assert kind_of("votes", BLT.encode()) == "blt"
        assert kind_of("votes.txt", NUMBERED.encode()) == "csv"
        assert kind_of("votes.txt", b"\xef\xbb\xbfMETA\nkey;value\n") == "pb"
        with pytest.raises(Malformed):
            kind_of("votes.txt", b"\x00\x01\x02")

    def test_old_encodings_are_read_where_a_kind_has_one(self):
        assert text_of("甲,乙".encode("gb18030"), kind="csv") == "甲,乙"
        assert text_of("José".encode("cp1252"), kind="blt") == "José"
        assert text_of("甲".encode("utf-8-sig")) == "甲"
        with pytest.raises(Malformed) as refused:
            text_of(b"META\nkey\xff;1", kind="pb")
        assert refused.value.line == 2
