import json
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.towns import in_town
from gongzhi.ledger import checking, note, queries, sealing, tiles, tree, verify_proof
from gongzhi.ledger.models import Entry, Leaf

MAKER = system("tests")


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
        assert (told.origin, told.size, told.root) == (sealing.origin(town.pk), 1, bytes(head.root))
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
