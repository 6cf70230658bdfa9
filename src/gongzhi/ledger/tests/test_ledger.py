import json
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.towns import in_town
from gongzhi.ledger import checking, keys, note, queries, sealing, tiles, tree, verify_proof
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
        assert client.get("/ledger/look-up/?q=2026-00012").headers["Location"] == "/cases/2026-00012/?ledger=1"
        assert client.get("/ledger/look-up/?q=nothing").status_code == 404
        assert client.get("/ledger/entries/9999/").status_code == 404
        assert len(client.get(f"/ledger/subjects/territory.town:{town.pk}/proofs.json").json()["proofs"]) == 260

    def test_tell_nothing_of_private_entries(self, committed_db, town, noon):
        from gongzhi.foundation.people import operations as people

        person = people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰")
        sealing.seal(town.pk, noon)
        client = Client()
        assert client.get("/ledger/entries/0/").status_code == 404
        assert client.get(f"/ledger/subjects/people.person:{person.pk}/").status_code == 404
        leaf = client.get("/ledger/entries/0/proof.json").json()["leaf"]
        assert set(json.loads(leaf)) == {"private"}


class TestTileNames:
    def test_are_those_of_the_standard(self):
        assert tiles.place(1234067) == "x001/x234/067"
        assert tiles.read_place("x001/x234/067.p/7") == (1234067, 7)
        for bad in ("67", "x001/067/067", "001.p/256", "", "x000/067"):
            with pytest.raises(tiles.NoSuchTile):
                tiles.read_place(bad)


def test_the_program_to_check_with_needs_nothing_of_the_product():
    text = Path(verify_proof.__file__).read_text()
    assert "gongzhi." not in text.replace("a gongzhi ledger", "")
