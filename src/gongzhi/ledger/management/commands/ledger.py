"""`./gongzhi ledger verify | checkpoint | proof N | seal | begin-anew`."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.ledger import checking, keys, note, queries, sealing

TOLD = 20  # findings of one sort that are written out; a table that was emptied has one for each entry


class Command(BaseCommand):
    """Check, show and seal the ledger."""

    help = "check the public record: verify recomputes everything and names what was changed"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "checkpoint", "proof", "seal", "begin-anew"])
        parser.add_argument("index", nargs="?", type=int, help="of the entry, for proof")
        parser.add_argument("--town", help="code of one town (default: all)")
        parser.add_argument("--json", action="store_true", help="print JSON lines")
        parser.add_argument("--vkey", action="append", default=[], help="verify: a verifier key to trust, instead of those kept here")
        parser.add_argument("--against", type=Path, metavar="FILE", help="verify: a checkpoint kept from before; the log must begin with it")
        parser.add_argument("--thorough", action="store_true", help="seal: also what stands before the last sealed entry")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "begin-anew" and not options["town"]:
            raise CommandError("Say for which town: ./gongzhi ledger begin-anew --town CODE")
        wrong = False
        for town_id, code in self._towns(options["town"]):
            with in_town(town_id):
                wrong = getattr(self, f"_{options['what'].replace('-', '_')}")(town_id, code, options) or wrong
        if wrong:
            sys.exit(1)

    def _towns(self, code: str | None) -> list[tuple[int, str]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, code FROM territory_town WHERE %s IS NULL OR code = %s ORDER BY id", [code, code])
            found = cursor.fetchall()
        if not found:
            raise CommandError(f"There is no town {code!r}." if code else "There is no town yet.")
        return found

    def _verify(self, town_id: int, code: str, options: dict[str, Any]) -> bool:
        try:
            report = checking.check(town_id, options["vkey"], self._kept(town_id, code, options))
        except (keys.KeyUnusable, note.BadNote) as error:
            raise CommandError(f"{code}: {error}") from error
        if options["json"]:
            findings = [{"what": f.what, "where": f.where, "words": f.words} for f in report.findings]
            self.stdout.write(
                json.dumps({"town": code, "whole": report.is_whole, "sealed": report.sealed, "waiting": report.waiting, "checkpoints": report.checkpoints,
                            "root": report.root, "keys": report.has_keys, "findings": findings})
            )  # fmt: skip
        else:
            verdict = "whole, nothing was altered" if report.sealed else "nothing is sealed yet, so nothing can be told"
            if not report.is_whole:
                verdict = f"NOT WHOLE: {len(report.findings)} findings"
            self.stdout.write(f"{code}: {report.sealed} sealed entries, {report.waiting} waiting, {report.checkpoints} heads: {verdict}")
            told: Counter[str] = Counter()
            for finding in report.findings:
                told[finding.what] += 1
                if told[finding.what] <= TOLD:
                    self.stdout.write(f"  {finding.what:<10} {finding.where:<16} {finding.words}")
            for what, n in told.items():
                if n > TOLD:
                    self.stdout.write(f"  {what:<10} and {n - TOLD} more of this sort (--json names all)")
            if not report.has_keys and report.checkpoints:
                self.stdout.write("  No key is here: signatures were checked only with the keys that the database names. Give --vkey.")
        return not report.is_whole

    def _kept(self, town_id: int, code: str, options: dict[str, Any]) -> note.Checkpoint | None:
        """Return the head that somebody kept, once its signature holds."""
        if options["against"] is None:
            return None
        try:
            text = options["against"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"--against: {error}") from error
        trouble = note.BadNote("no key is here to verify it with; give --vkey")
        for vkey in reversed(options["vkey"] or keys.trusted(town_id)):
            try:
                return note.verify(text, vkey)
            except note.BadNote as error:
                trouble = error
        raise CommandError(f"--against: {trouble}")

    def _checkpoint(self, town_id: int, code: str, options: dict[str, Any]) -> bool:
        head = queries.checkpoint(seen_by=CLOCK)
        self.stdout.write(head.note if head else f"{code}: nothing is sealed yet")
        return False

    def _proof(self, town_id: int, code: str, options: dict[str, Any]) -> bool:
        if options["index"] is None:
            raise CommandError("Say which entry: ./gongzhi ledger proof 12 --town yunxi")
        found = queries.proof_for(seen_by=CLOCK, index=options["index"])
        if found is None:
            raise CommandError(f"{code}: entry {options['index']} is not sealed.")
        self.stdout.write(json.dumps(found.bundle(), ensure_ascii=False))
        return False

    def _seal(self, town_id: int, code: str, options: dict[str, Any]) -> bool:
        try:
            while (head := sealing.seal(town_id, timezone.now(), thorough=options["thorough"])) is not None:
                self.stdout.write(f"{code}: {head.size} entries, root {head.root_hex}")
        except (sealing.LogBroken, keys.KeyUnusable) as error:
            self.stderr.write(str(error))
            return True
        return False

    def _begin_anew(self, town_id: int, code: str, options: dict[str, Any]) -> bool:
        aside = keys.begin_anew(town_id)
        told = f"the former key and head are in {aside}; the next head is signed by a new key." if aside else "there is no key yet."
        self.stdout.write(f"{code}: {told}")
        return False
