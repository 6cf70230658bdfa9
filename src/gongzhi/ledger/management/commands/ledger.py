"""`./gongzhi ledger verify | checkpoint | proof N | seal`."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.ledger import checking, queries, sealing


class Command(BaseCommand):
    """Check, show and seal the ledger."""

    help = "check the public record: verify recomputes everything and names what was changed"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["verify", "checkpoint", "proof", "seal"])
        parser.add_argument("index", nargs="?", type=int, help="of the entry, for proof")
        parser.add_argument("--town", help="code of one town (default: all)")
        parser.add_argument("--json", action="store_true", help="print JSON lines")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = False
        for town_id, code in self._towns(options["town"]):
            with in_town(town_id):
                wrong = getattr(self, f"_{options['what']}")(town_id, code, options) or wrong
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
        report = checking.check(town_id)
        if options["json"]:
            findings = [{"what": f.what, "where": f.where, "words": f.words} for f in report.findings]
            self.stdout.write(
                json.dumps({"town": code, "whole": report.is_whole, "sealed": report.sealed, "waiting": report.waiting, "checkpoints": report.checkpoints,
                            "root": report.root, "findings": findings})
            )  # fmt: skip
        else:
            verdict = "whole, nothing was altered" if report.is_whole else f"NOT WHOLE: {len(report.findings)} findings"
            self.stdout.write(f"{code}: {report.sealed} sealed entries, {report.waiting} waiting, {report.checkpoints} heads: {verdict}")
            for finding in report.findings:
                self.stdout.write(f"  {finding.what:<10} {finding.where:<16} {finding.words}")
        return not report.is_whole

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
        while (head := sealing.seal(town_id, timezone.now())) is not None:
            self.stdout.write(f"{code}: {head.size} entries, root {head.root_hex}")
        return False
