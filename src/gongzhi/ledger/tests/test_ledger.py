import hashlib
import html
import json
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, Actor, Duty, system
from gongzhi.kernel.towns import in_town
from gongzhi.ledger import checking, content, keys, note, queries, sealing, tiles, tree, verify_proof
from gongzhi.ledger.models import Entry, Leaf

MAKER = system("tests")


@pytest.fixture(autouse=True)
def keys_of_its_own(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "ledger-keys"


def write(noon, count=1, **more):
    for number in range(count):
        territory.set_town_rules(by=MAKER, at=noon, number=number, **more)


class TestAppend:
    def test_is_one_with_the_act(self, committed_db, town, noon):
        write(noon)
        assert Entry.objects.count() == 1
        with pytest.raises(territory.TownExists):
            territory.found_town(by=MAKER, at=noon, code="yunxi", name="x", short_name="x")
        assert Entry.objects.count() == 1

    def test_cannot_be_undone_by_the_application(self, committed_db, town, noon):
        write(noon)
        for statement in ("UPDATE ledger_entry SET kind = 'x'", "DELETE FROM ledger_entry", "TRUNCATE ledger_entry"):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
        with psycopg.connect(**settings.OWNER_CONNINFO, autocommit=True) as owner:
            owner.execute("SELECT set_config('gongzhi.town', %s, false)", [str(town.pk)])
            with pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute("UPDATE ledger_entry SET kind = 'x'")
        assert Entry.objects.get().kind == "TownRulesSet"

    def test_is_seen_by_its_own_town_only(self, committed_db, town, other_town, noon):
        write(noon)
        with in_town(other_town.pk):
            assert not Entry.objects.exists()


class TestSeal:
    def test_puts_entries_into_the_tree_in_order(self, committed_db, town, noon):
        write(noon, 3)
        head = sealing.seal(town.pk, noon)
        assert head.size == 3
        assert sealing.seal(town.pk, noon) is None
        write(noon, 300)
        assert sealing.seal(town.pk, noon).size == 303
        assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(range(303))
        assert checking.check(town.pk).findings == []

    def test_waits_for_a_slow_transaction_and_never_lets_it_land_behind_a_seal(self, committed_db, town, noon):
        begun, go_on = threading.Event(), threading.Event()

        def slow():
            from django.db import connections

            with in_town(town.pk), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO ledger_entry (town_id, at, kind, subject, actor, actor_sort, content, is_public, salt)"
                               " VALUES (%s, %s, 'Slow', 'x.y:1', 'clock', 'clock', '{}', true, %s)", [town.pk, noon, bytes(32)])  # fmt: skip
                begun.set()
                assert go_on.wait(20)
            connections.close_all()

        thread = threading.Thread(target=slow)
        thread.start()
        assert begun.wait(20)
        write(noon, 2)
        assert sealing.seal(town.pk, noon) is None  # the two are younger than the slow one
        go_on.set()
        thread.join()
        assert sealing.seal(town.pk, noon).size == 3
        first = Leaf.objects.get(index=0)
        assert Entry.objects.get(pk=first.entry_id).kind == "Slow"

    def test_gives_proofs_that_others_check(self, committed_db, town, noon, tmp_path):
        write(noon, 270)
        first = sealing.seal(town.pk, noon)
        write(noon, 40)
        head = sealing.seal(town.pk, noon)
        for index in (0, 1, 255, 256, 309):
            proof = queries.proof_for(seen_by=ANYONE, index=index)
            file = tmp_path / f"{index}.json"
            file.write_text(json.dumps(proof.bundle()))
            told = subprocess.run([sys.executable, "-I", verify_proof.__file__, str(file), head.vkey], capture_output=True, text=True, check=False)
            assert told.returncode == 0, told.stdout + told.stderr
            assert "signature of the head holds" in told.stdout
            bent = proof.bundle() | {"leaf": proof.leaf.replace("TownRulesSet", "TownRulesBent")}
            file.write_text(json.dumps(bent))
            assert subprocess.run([sys.executable, "-I", verify_proof.__file__, str(file)], capture_output=True, check=False).returncode == 1
        told = queries.consistency(seen_by=ANYONE, old=first.size)
        assert tree.is_consistent(first.size, head.size, bytes(first.root), bytes(head.root), [bytes.fromhex(step) for step in told["hashes"]])

    def test_signs_heads_that_hold_together(self, committed_db, town, noon):
        write(noon)
        head = sealing.seal(town.pk, noon)
        told = note.verify(head.note, head.vkey)
        assert (told.origin, told.size, told.root) == (keys.origin(town.pk), 1, bytes(head.root))
        with pytest.raises(note.BadNote):
            note.verify(head.note.replace("\n1\n", "\n2\n"), head.vkey)
        with pytest.raises(note.BadNote):
            note.verify(head.note, head.vkey[:-4] + "AAA=")


class TestCheck:
    """What somebody with the owner's rights does behind the application's back is found and named."""

    @pytest.mark.parametrize(
        ("crime", "what"),
        [
            ("UPDATE ledger_entry SET content = '{\"names\": [\"other\"]}' WHERE id = (SELECT min(id) FROM ledger_entry)", "changed"),
            ("UPDATE ledger_entry SET at = at + interval '1 second' WHERE id = (SELECT min(id) FROM ledger_entry)", "changed"),
            ("UPDATE ledger_entry SET actor = 'people.person:7' WHERE id = (SELECT min(id) FROM ledger_entry)", "changed"),
            ("DELETE FROM ledger_entry WHERE id = (SELECT min(id) FROM ledger_entry)", "missing"),
            ("DELETE FROM ledger_leaf WHERE index = 4", "missing"),
            ("UPDATE ledger_leaf SET hash = sha256('x') WHERE index = 0", "changed"),
            ("UPDATE ledger_checkpoint SET root = sha256('x')", "root"),
            ("UPDATE ledger_checkpoint SET note = replace(note, E'\\n5\\n', E'\\n4\\n')", "signature"),
            ("INSERT INTO ledger_entry (town_id, at, kind, subject, actor, actor_sort, content, is_public, salt, txid)"
             " SELECT town_id, at, 'Planted', subject, actor, actor_sort, content, is_public, salt, txid - 1 FROM ledger_entry LIMIT 1", "added"),
        ],
    )  # fmt: skip
    def test_names_the_crime(self, committed_db, town, noon, crime, what):
        write(noon, 5)
        sealing.seal(town.pk, noon)
        assert checking.check(town.pk).is_whole
        with psycopg.connect(**settings.OWNER_CONNINFO, autocommit=True) as owner:
            owner.execute("SET session_replication_role = replica")
            assert owner.execute(crime).rowcount >= 1
        report = checking.check(town.pk)
        assert what in {finding.what for finding in report.findings}, report.findings
        with pytest.raises(SystemExit):
            call_command("ledger", "verify", "--json")

    def test_says_that_an_honest_log_is_whole(self, committed_db, town, noon, capsys):
        write(noon, 5)
        sealing.seal(town.pk, noon)
        write(noon, 2)
        call_command("ledger", "verify", "--json")
        told = json.loads(capsys.readouterr().out)
        assert told["whole"] is True
        assert (told["sealed"], told["waiting"]) == (5, 2)

    def test_claims_nothing_of_what_is_not_sealed(self, committed_db, town, noon, capsys):
        write(noon, 3)
        call_command("ledger", "verify")
        assert "0 sealed entries, 3 waiting, 0 heads: nothing is sealed yet" in capsys.readouterr().out

    def test_writes_out_some_of_many_findings_and_counts_the_rest(self, committed_db, town, noon, capsys):
        write(noon, 31)
        sealing.seal(town.pk, noon)
        as_owner("DELETE FROM ledger_entry")
        with pytest.raises(SystemExit):
            call_command("ledger", "verify")
        told = capsys.readouterr().out
        assert "NOT WHOLE: 31 findings" in told
        assert told.count("was deleted") == 20
        assert "and 11 more of this sort" in told
        with pytest.raises(SystemExit):
            call_command("ledger", "verify", "--json")
        assert len(json.loads(capsys.readouterr().out)["findings"]) == 31


def as_owner(*statements):
    """Change rows behind the application's back, triggers off."""
    with psycopg.connect(**settings.OWNER_CONNINFO, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        for statement in statements:
            owner.execute(statement)


def forge(town, noon, key):
    """Rewrite the first entry and everything above it, heads too, as whoever owns the database but not the key can."""
    as_owner("UPDATE ledger_entry SET content = '{\"names\": [\"other\"]}' WHERE id = (SELECT min(id) FROM ledger_entry)")
    hashes = []
    for leaf in Leaf.objects.order_by("index"):
        hashes.append(tree.leaf_hash(sealing.leaf_of(Entry.objects.get(pk=leaf.entry_id))))
        as_owner(f"UPDATE ledger_leaf SET hash = decode('{hashes[-1].hex()}', 'hex') WHERE id = {leaf.pk}")
    frontier = tree.Frontier()
    for hashed in hashes:
        frontier.append(hashed)
    name = keys.origin(town.pk)
    text = note.sign(note.Checkpoint(name, len(hashes), frontier.root()), name, key)
    vkey = note.verifier_key(name, key.public_key().public_bytes_raw())
    as_owner(f"UPDATE ledger_checkpoint SET root = decode('{frontier.root().hex()}', 'hex'), note = '{text}', vkey = '{vkey}'")


class TestKeptApart:
    """The key and the last signed head lie outside the database; whoever owns every row still cannot rewrite the log."""

    @pytest.fixture
    def sealed(self, committed_db, town, noon):
        write(noon, 5)
        return sealing.seal(town.pk, noon)

    def test_a_log_rewritten_with_another_key_is_found(self, sealed, town, noon):
        forge(town, noon, Ed25519PrivateKey.generate())
        found = {(finding.what, finding.where) for finding in checking.check(town.pk).findings}
        assert found == {("signature", "checkpoint 5"), ("root", "head beside key")}

    def test_a_rewritten_log_is_never_signed(self, sealed, town, noon):
        forge(town, noon, Ed25519PrivateKey.generate())
        write(noon)
        with pytest.raises(sealing.LogBroken, match="first 5 entries are not those that were signed"):
            sealing.seal(town.pk, noon)
        assert Leaf.objects.count() == 5

    def test_a_log_cut_short_is_found_and_never_signed(self, sealed, town, noon):
        write(noon)
        sealing.seal(town.pk, noon)
        as_owner("DELETE FROM ledger_checkpoint WHERE size = 6", "DELETE FROM ledger_leaf WHERE index = 5",
                 "DELETE FROM ledger_entry WHERE id = (SELECT max(id) FROM ledger_entry)")  # fmt: skip
        assert [(finding.what, finding.where) for finding in checking.check(town.pk).findings] == [("missing", "head beside key")]
        write(noon)
        with pytest.raises(sealing.LogBroken, match="6 entries was signed, the database has 5"):
            sealing.seal(town.pk, noon)
        with pytest.raises(SystemExit):
            call_command("ledger", "seal")

    def test_goes_on_under_a_new_key_when_somebody_decides_so(self, sealed, town, noon):
        as_owner("TRUNCATE ledger_entry, ledger_leaf, ledger_tile, ledger_checkpoint")
        write(noon)
        with pytest.raises(sealing.LogBroken):
            sealing.seal(town.pk, noon)
        with pytest.raises(CommandError):
            call_command("ledger", "begin-anew")
        call_command("ledger", "begin-anew", "--town", "yunxi")
        head = sealing.seal(town.pk, noon)
        assert head.vkey != sealed.vkey
        with pytest.raises(note.BadNote):
            note.verify(head.note, sealed.vkey)
        assert keys.trusted(town.pk) == [sealed.vkey, head.vkey]
        assert checking.check(town.pk).is_whole

    def test_begins_anew_by_itself_only_in_a_demo(self, sealed, town, noon, settings):
        as_owner("TRUNCATE ledger_entry, ledger_leaf, ledger_tile, ledger_checkpoint")
        write(noon)
        settings.DEMO = True
        assert sealing.seal(town.pk, noon).size == 1

    def test_is_readable_by_its_owner_only(self, sealed, town, settings):
        for file in settings.LEDGER_KEYS.iterdir():
            assert file.stat().st_mode & 0o077 == 0, file

    def test_the_name_of_a_log_stays_when_the_setting_changes(self, sealed, town, noon, settings):
        settings.LEDGER_ORIGIN = "another.example"
        write(noon)
        assert sealing.seal(town.pk, noon).note.startswith(sealed.note.splitlines()[0])
        assert checking.check(town.pk).is_whole

    def test_a_head_kept_outside_is_held_against_the_log(self, sealed, town, noon, tmp_path, capsys):
        kept = tmp_path / "checkpoint"
        kept.write_text(sealed.note)
        write(noon)
        sealing.seal(town.pk, noon)
        call_command("ledger", "verify", "--against", str(kept))
        name, key = keys.signer(town.pk)
        kept.write_text(note.sign(note.Checkpoint(name, 3, bytes(32)), name, key))
        with pytest.raises(SystemExit):
            call_command("ledger", "verify", "--against", str(kept))
        assert "head kept outside" in capsys.readouterr().out
        kept.write_text("nothing")
        with pytest.raises(CommandError, match="--against"):
            call_command("ledger", "verify", "--against", str(kept))

    def test_says_when_no_key_is_at_hand(self, sealed, town, settings, tmp_path, capsys):
        settings.LEDGER_KEYS = tmp_path / "nowhere"
        call_command("ledger", "verify")
        assert "Give --vkey" in capsys.readouterr().out
        call_command("ledger", "verify", "--vkey", sealed.vkey)
        assert "Give --vkey" not in capsys.readouterr().out
        assert not (tmp_path / "nowhere").exists()


class TestRestored:
    """A database that came back into another server, whose transactions are counted from a lower number."""

    def test_goes_on_where_it_was(self, committed_db, town, noon):
        write(noon, 3)
        sealing.seal(town.pk, noon)
        write(noon, 2)
        as_owner("UPDATE ledger_entry SET txid = txid + 1000000")
        write(noon, 4)
        assert sealing.seal(town.pk, noon).size == 9
        assert [Entry.objects.get(pk=leaf.entry_id).txid > 1000000 for leaf in Leaf.objects.order_by("index")] == [True] * 5 + [False] * 4
        write(noon)
        assert sealing.seal(town.pk, noon).size == 10
        assert checking.check(town.pk).is_whole


class TestPages:
    @pytest.fixture
    def sealed(self, committed_db, town, noon):
        write(noon, 260)
        return sealing.seal(town.pk, noon)

    def test_are_read_by_existing_tools(self, sealed):
        """Read the log as tlog-tiles says, with nothing but its addresses, and compute the root anew."""
        client = Client()
        text = client.get("/ledger/checkpoint").content.decode()
        head = note.verify(text, client.get("/ledger/vkey").content.decode().strip())
        full = client.get("/ledger/tile/0/000")
        assert len(full.content) == 256 * 32
        rest = client.get("/ledger/tile/0/001.p/4").content
        hashes = [(full.content + rest)[i : i + 32] for i in range(0, 260 * 32, 32)]
        frontier = tree.Frontier()
        for leaf in hashes:
            frontier.append(leaf)
        assert frontier.root() == head.root
        assert client.get("/ledger/tile/1/000.p/1").content == tree.fold(hashes[:256])
        bundle = client.get("/ledger/tile/entries/001.p/4").content
        size = int.from_bytes(bundle[:2], "big")
        assert tree.leaf_hash(bundle[2 : 2 + size]) == hashes[256]
        for gone in ("/ledger/tile/0/002", "/ledger/tile/0/001", "/ledger/tile/0/1", "/ledger/tile/x/000", "/ledger/tile/0/000.p/0"):
            assert client.get(gone).status_code == 404, gone

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_show_the_log_to_anybody(self, sealed, town, language):
        client = Client()
        client.cookies["django_language"] = language
        for address in ("/ledger/", "/ledger/entries/0/", f"/ledger/subjects/territory.town:{town.pk}/", "/ledger/?kind=TownRulesSet"):
            assert client.get(address).status_code == 200, address
        assert client.get("/ledger/look-up/?q=12").headers["Location"] == "/ledger/entries/12/"
        assert client.get("/ledger/look-up/?q=nothing").status_code == 404
        assert client.get("/ledger/entries/9999/").status_code == 404
        assert len(client.get(f"/ledger/subjects/territory.town:{town.pk}/proofs.json").json()["proofs"]) == 260

    def test_begin_with_what_people_did_and_say_that_each_is_checked(self, committed_db, town, noon):
        member = Actor(kind="person", person_id=7, duties=(Duty(organ_id=1, role="committee_member"),))
        write(noon)
        territory.set_town_rules(by=member, at=noon, number=9)
        sealing.seal(town.pk, noon)
        client = Client()
        client.cookies["django_language"] = "zh-hans"
        first, every, of_kind = (client.get(f"/ledger/{query}").content.decode().count('class="leaf"') for query in ("", "?who=all", "?kind=TownRulesSet"))
        assert (first, every, of_kind) == (1, 2, 2)
        page = client.get("/ledger/entries/1/").content.decode()
        assert "<h1>工作人员 · 设定小镇规则</h1>" in page
        assert "已核对" in page
        as_owner("UPDATE ledger_entry SET content = '{\"names\": [\"other\"]}' WHERE id = (SELECT max(id) FROM ledger_entry)")
        assert "与封存不符" in client.get("/ledger/entries/1/").content.decode()

    def test_tell_nothing_of_private_entries(self, committed_db, town, noon):
        from gongzhi.foundation.people import operations as people

        person = people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰")
        sealing.seal(town.pk, noon)
        client = Client()
        assert client.get("/ledger/entries/0/").status_code == 404
        assert client.get(f"/ledger/subjects/people.person:{person.pk}/").status_code == 404
        leaf = client.get("/ledger/entries/0/proof.json").json()["leaf"]
        assert set(json.loads(leaf)) == {"private"}


    def test_find_a_case_however_its_number_is_written(self, committed_db, town, noon):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger_entry (town_id, at, kind, subject, actor, actor_sort, content, is_public, salt)"
                           " VALUES (%s, %s, 'CaseOpened', 'cases.case:7', 'clock', 'clock', %s, true, %s)",
                           [town.pk, noon, json.dumps({"number": "云溪报〔2026〕01847"}), bytes(32)])  # fmt: skip
        for text in ("云溪报〔2026〕01847", "2026-01847", "2026-1847", "〔2026〕 01847"):
            assert Client().get("/ledger/look-up/", {"q": text}).headers.get("Location") == "/ledger/subjects/cases.case:7/", text
        assert Client().get("/ledger/look-up/?q=2026-01848").status_code == 404

    def test_take_no_harm_from_odd_addresses(self, sealed):
        client = Client(raise_request_exception=True)
        for address, status in {
            "/ledger/?before=²": 200, "/ledger/?before=" + "9" * 40: 200, "/ledger/?kind=%00": 200, "/ledger/entries/" + "9" * 40 + "/": 404,
            "/ledger/tile/²/000": 404, "/ledger/tile/0/" + "x999/" * 30 + "999": 404, "/ledger/tile/99/000": 404, "/ledger/tile/0/٠٠٠": 404,
            "/ledger/consistency.json?old=²": 400, "/ledger/consistency.json?old=1&size=x": 400, "/ledger/consistency.json?old=999": 404,
            "/ledger/entries/0/proof.json?size=x": 400, "/ledger/entries/0/proof.json?size=7": 404, "/ledger/look-up/?q=%00": 404,
        }.items():  # fmt: skip
            assert client.get(address).status_code == status, address
        assert client.head("/ledger/checkpoint").status_code == 200
        assert client.get("/ledger/consistency.json?old=x").json()["field"] == "old"


class TestCheckPage:
    """Somebody brings a proof that they kept, and is told what became of it."""

    @pytest.fixture
    def sealed(self, committed_db, town, noon):
        write(noon, 5)
        return sealing.seal(town.pk, noon)

    def brought(self, index=2):
        return queries.proof_for(seen_by=ANYONE, index=index).bundle()

    def post(self, **given):
        client = Client()
        client.cookies["django_language"] = "en"
        answer = client.post("/ledger/check/", given)
        return answer, answer.content.decode()

    def test_finds_an_old_proof_whole_in_a_log_that_has_grown(self, sealed, town, noon):
        kept = json.dumps(self.brought())
        write(noon, 300)
        sealing.seal(town.pk, noon)
        answer, text = self.post(proof=kept)
        assert answer.status_code == 200
        assert "The proof holds" in text

    def test_takes_all_proofs_of_a_subject_as_a_file(self, sealed, town):
        told = queries.proofs_for_subject(seen_by=ANYONE, subject=f"territory.town:{town.pk}")
        _answer, text = self.post(file=SimpleUploadedFile("proofs.json", json.dumps(told).encode()))
        assert "5 entries lead to the root" in text
        assert "The proof holds" in text

    @pytest.mark.parametrize(
        ("bend", "sentence"),
        [
            (lambda told: told | {"leaf": told["leaf"] + " "}, "These do not lead to the root"),
            (lambda told: told | {"index": 3}, "These do not lead to the root"),
            (lambda told: told | {"checkpoint": {"note": told["checkpoint"]["note"].replace("\n5\n", "\n6\n")}}, "was not signed with this town"),
        ],
    )
    def test_says_what_does_not_fit(self, sealed, bend, sentence):
        _answer, text = self.post(proof=json.dumps(bend(self.brought())))
        assert "The proof does not hold" in text
        assert sentence in text

    def test_says_that_the_log_was_rewritten_since(self, sealed, town, noon):
        kept = json.dumps(self.brought())
        forge(town, noon, Ed25519PrivateKey.generate())
        assert "It begins otherwise" in self.post(proof=kept)[1]
        as_owner("TRUNCATE ledger_entry, ledger_leaf, ledger_tile, ledger_checkpoint")
        assert "It has only 0 entries" in self.post(proof=kept)[1]

    @pytest.mark.parametrize(
        ("given", "word"),
        [
            ({}, "Paste a proof"), ({"proof": "{"}, "“JSON”"), ({"proof": "[]"}, "“JSON”"), ({"proof": "[" * 100_000}, "“JSON”"),
            ({"proof": '{"leaf": "x"}'}, "“checkpoint.note”"), ({"proof": '{"checkpoint": {"note": "a\\n\\nb"}}'}, "“checkpoint.note”"),
        ],
    )  # fmt: skip
    def test_says_what_is_no_proof(self, sealed, given, word):
        answer, text = self.post(**given)
        assert answer.status_code == 422
        assert word in text

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("leaf", 7), ("leaf", "\ud800"), ("index", -1), ("index", True), ("index", 2**80), ("hashes", "x"), ("hashes", ["zz" * 32]),
            ("hashes", ["  " * 32]), ("hashes", [7]), ("hashes", ["00" * 32] * 65),
        ],
    )  # fmt: skip
    def test_names_the_part_that_cannot_be_read(self, sealed, part, value):
        answer, text = self.post(proof=json.dumps(self.brought() | {part: value}))
        assert answer.status_code == 422
        assert f"“{part}”" in text

    def test_refuses_a_file_that_is_no_text(self, sealed):
        assert "not a text in UTF-8" in self.post(file=SimpleUploadedFile("proof.json", b"\xff\xfe\x00"))[1]


class TestOpening:
    """A private entry is shown with its salt to whoever did what it tells of, and to those who audit."""

    @pytest.fixture
    def sealed(self, committed_db, town, noon):
        from gongzhi.foundation.people import operations as people

        self.person = Actor(kind="person", person_id=people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰").pk)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO ledger_entry (town_id, at, kind, subject, actor, actor_sort, content, is_public, salt)"
                           " VALUES (%s, %s, 'PasswordChanged', 'people.user:1', %s, 'resident', '{}', false, %s)",
                           [town.pk, noon, self.person.ref, b"s" * 32])  # fmt: skip
        return sealing.seal(town.pk, noon)

    def test_can_be_checked_by_its_owner(self, sealed, tmp_path):
        told = queries.opening(seen_by=self.person, index=1)
        assert json.loads(told["opening"]["entry"])["kind"] == "PasswordChanged"
        file = tmp_path / "opening.json"
        file.write_text(json.dumps(told))
        assert verify_proof.main([str(file), sealed.vkey]) == 0
        told["opening"]["entry"] = told["opening"]["entry"].replace("PasswordChanged", "PasswordLost")
        file.write_text(json.dumps(told))
        assert verify_proof.main([str(file), sealed.vkey]) == 1

    def test_is_kept_from_everybody_else(self, sealed):
        auditor = Actor(kind="person", person_id=99, duties=(Duty(organ_id=1, role="auditor"),))
        assert queries.opening(seen_by=auditor, index=0)["opening"]
        for stranger in (ANYONE, Actor(kind="person", person_id=99), Actor(kind="follower")):
            for index in (0, 1):
                with pytest.raises(Entry.DoesNotExist):
                    queries.opening(seen_by=stranger, index=index)
        assert Client().get("/ledger/entries/1/opening.json").status_code == 404

    def test_says_the_same_thing_of_twins_in_different_words(self, sealed, town, noon):
        """Two private entries with the same text have nothing in common for an outsider."""
        with transaction.atomic(), connection.cursor() as cursor:
            for salt in (b"a" * 32, b"b" * 32):
                cursor.execute("INSERT INTO ledger_entry (town_id, at, kind, subject, actor, actor_sort, content, is_public, salt)"
                               " VALUES (%s, %s, 'PasswordChanged', 'people.user:1', 'x', 'resident', '{}', false, %s)", [town.pk, noon, salt])  # fmt: skip
        sealing.seal(town.pk, noon)
        leaves = [json.loads(queries.proof_for(seen_by=ANYONE, index=index).leaf)["private"] for index in (2, 3)]
        assert leaves[0] != leaves[1]


class TestContent:
    def test_stands_as_its_hash_when_it_is_too_long_for_a_bundle(self, noon):
        long = {"names": ["字" * 100] * 300}
        leaf = content.leaf_data(at=noon, kind="X", subject="a.b:1", actor="clock", actor_sort="clock", content=long, salt=bytes(32), is_public=True)
        assert len(leaf) < 65_536
        told = json.loads(leaf)["content"]
        assert told == {"bytes": len(content.canonical(long)), "sha256": hashlib.sha256(content.canonical(long)).hexdigest()}

    def test_has_one_form_only(self):
        assert content.canonical({"b": 1, "a": ["字", None, True]}) == '{"a":["字",null,true],"b":1}'.encode()


class TestTileNames:
    def test_are_those_of_the_standard(self):
        assert tiles.place(1234067) == "x001/x234/067"
        assert tiles.read_place("x001/x234/067.p/7") == (1234067, 7)
        for bad in ("67", "x001/067/067", "001.p/256", "", "x000/067"):
            with pytest.raises(tiles.NoSuchTile):
                tiles.read_place(bad)


def test_the_lines_shown_on_the_page_check_a_proof(committed_db, town, noon, tmp_path):
    write(noon, 7)
    sealing.seal(town.pk, noon)
    page = (Path(verify_proof.__file__).parent / "templates/ledger/_snippet.html").read_text()
    lines = html.unescape(page.partition("<code>")[2].partition("</code>")[0])
    for index in (0, 3, 6):
        told = queries.proof_for(seen_by=ANYONE, index=index).bundle()
        for bundle, code in ((told, 0), (told | {"leaf": told["leaf"] + " "}, 1)):
            (tmp_path / "proof.json").write_text(json.dumps(bundle))
            assert subprocess.run([sys.executable, "-I", "-c", lines], cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_the_program_to_check_with_needs_nothing_of_the_product():
    text = Path(verify_proof.__file__).read_text()
    assert "gongzhi." not in text.replace("a gongzhi ledger", "")
