import io
import json
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gongzhi.autonomy_line.voice import export, opinionmap

REAL = Path("/work/shared/data/polis/vtaiwan.uberx")

VOTES = "timestamp,datetime,comment-id,voter-id,vote\n1,x,0,a,1\n2,x,0,b,-1\n3,x,1,a,0\n4,x,0,a,-1\n"
COMMENTS = 'timestamp,comment-id,author-id,agrees,disagrees,moderated,comment-body\n1,0,a,0,2,1,"Fix it, now"\n2,1,a,0,0,-1,Spam\n'


def folder(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name.replace('_', '-')}.csv").write_text(text, encoding="utf-8")
    return tmp_path


class TestRead:
    def test_the_last_vote_of_a_voter_counts(self, tmp_path):
        read = export.read(folder(tmp_path, votes=VOTES, comments=COMMENTS))
        assert read.votes.participants == ("a", "b")
        assert read.votes.matrix[0].tolist() == [-1.0, 0.0]
        assert (read.texts["0"], read.votes.left_out, read.turned) == ("Fix it, now", {"1"}, False)

    def test_signs_that_do_not_fit_the_counts_are_turned(self, tmp_path):
        read = export.read(folder(tmp_path, votes=VOTES, comments=COMMENTS.replace("a,0,2,1", "a,2,0,1")))
        assert read.turned
        assert read.votes.matrix[0, 0] == 1.0

    def test_a_table_of_participants_does_as_well_and_tells_the_published_groups(self, tmp_path):
        table = "participant,group-id,n-comments,n-votes,n-agree,n-disagree,0,1\na,0,0,1,1,0,1,\nb,,0,1,0,1,,-1\n"
        read = export.read(folder(tmp_path, participants_votes=table))
        assert read.published == {"a": "0"}
        assert np.isnan(read.votes.matrix[0, 1])

    @pytest.mark.parametrize(("name", "text", "line", "word"), [
        ("votes", VOTES.replace("b,-1", "b,2"), 3, "none of 1, 0, -1"),
        ("votes", VOTES.replace("b,-1", "b,yes"), 3, "none of 1, 0, -1"),
        ("votes", VOTES.replace("0,b,-1", "0,,-1"), 3, "voter-id"),
        ("votes", VOTES.replace("2,x,0", "two,x,0"), 3, "timestamp"),
        ("votes", VOTES.replace("voter-id", "voter"), 1, "voter-id"),
        ("votes", "", 1, "empty"),
        ("participants_votes", "participant,0\na,1\na,1\n", 3, "twice"),
        ("participants_votes", "participant,0\na,5\n", 2, "none of"),
        ("comments", COMMENTS.replace("\n1,0,a", "\n1,,a"), 2, "comment-id"),
    ])  # fmt: skip
    def test_refuses_with_file_line_and_reason(self, tmp_path, name, text, line, word):
        with pytest.raises(export.BadExport) as refused:
            export.read(folder(tmp_path, **{name: text}))
        assert (refused.value.line, word in refused.value.reason) == (line, True), refused.value

    def test_a_folder_without_votes_is_refused(self, tmp_path):
        with pytest.raises(export.BadExport, match="neither"):
            export.read(tmp_path)


def opinions(*arguments):
    out = io.StringIO()
    call_command("opinions", *map(str, arguments), stdout=out)
    return json.loads(out.getvalue())


def test_the_command_prints_one_json_and_refuses_what_is_no_folder(tmp_path):
    told = opinions(folder(tmp_path, votes=VOTES, comments=COMMENTS))
    assert set(told["groups"]) == {"a", "b"}
    with pytest.raises(CommandError, match="no such folder"):
        opinions(tmp_path / "none")
    with pytest.raises(CommandError, match="from 2 to 5"):
        opinions(tmp_path, "--count", 9)


@pytest.mark.skipif(not REAL.is_dir(), reason="the shared data of developers is not on this machine")
class TestRealConversation:
    def test_the_groups_are_those_that_polis_published(self):
        told = opinions(REAL)
        assert told["group_count"] == 2
        assert told["published"]["adjusted_rand_index"] >= 0.9  # the bar is 0.83
        assert told["published"]["in_both"] == 1218
        assert {one["group"] for one in told["statements"]} == {0, 1}
        assert told["consensus"][0]["least_in_a_group"] > 0.5
        assert all(one["text"] for one in told["statements"])

    def test_the_votes_and_the_table_say_the_same(self, tmp_path):
        (tmp_path / "participants-votes.csv").write_bytes((REAL / "participants-votes.csv").read_bytes())
        listed, table = export.read(REAL).votes, export.read(tmp_path).votes
        assert listed.participants == table.participants
        kept = [table.statements.index(statement) for statement in listed.statements]
        assert np.array_equal(listed.matrix, table.matrix[:, kept], equal_nan=True)
        assert opinionmap.draw(listed).count == 2
