"""Signed notes against the worked examples of others."""

import pytest

from gongzhi.ledger import note

# of the documentation of Go's golang.org/x/mod/sumdb/note
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


class TestSignedNote:
    def test_is_the_one_that_go_signs(self):
        assert note.opened(NOTE, VKEY).startswith("If you think")

    def test_holds_for_its_own_text_only(self):
        with pytest.raises(note.BadNote, match="does not hold"):
            note.opened(NOTE.replace("your problem is", "your problem was"), VKEY)

    def test_is_found_among_the_signatures_of_others(self):
        head, gap, mine = NOTE.rpartition("\n\n")
        assert note.opened(f"{head}{gap}\u2014 Witness AAAAAAAA\n{mine}", VKEY)

    def test_reads_the_key_of_go_s_checksum_database(self):
        name, public = note.read_verifier_key("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8")
        assert name == "sum.golang.org"
        assert len(public) == 32

    @pytest.mark.parametrize("vkey", ["", "x", "a+b+c", VKEY.replace("c74f20a3", "c74f20a4"), VKEY[:-4]])
    def test_refuses_a_key_that_does_not_hold_together(self, vkey):
        with pytest.raises(note.BadNote):
            note.opened(NOTE, vkey)

    @pytest.mark.parametrize(
        "text",
        ["", "a\n1\n", "a\nx\nAAAA\n", "a\n01\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n",
         "a\n\u0661\n" + "A" * 43 + "=\n", "a\n" + "9" * 5000 + "\n" + "A" * 43 + "=\n"],
    )  # fmt: skip
    def test_states_no_head_in_odd_words(self, text):
        with pytest.raises(note.BadNote):
            note.read(text)
