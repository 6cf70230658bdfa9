"""`./gongzhi match BENEFITS.yaml --firms FILE.csv`: try benefits on a file before proposing them."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from gongzhi.kernel import moments
from gongzhi.registers.benefits import lines
from gongzhi.registers.benefits.definitions import BadBenefit


class Command(BaseCommand):
    help = "match firms or persons of a CSV file with benefits: one JSON line each (match BENEFITS.yaml --firms FILE.csv)"
    needs_database = False
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("benefits", type=Path, help="YAML: a list of benefits, or {benefits: [...], parameters: {...}}")
        parser.add_argument("--firms", type=Path, metavar="FILE", help="CSV of firms; columns are codes of fields, id or code or name names the row")
        parser.add_argument("--persons", type=Path, metavar="FILE", help="CSV of persons")
        parser.add_argument("--on", metavar="DAY", default="", help="the day to match on (default: today)")
        parser.add_argument("--lang", choices=["zh-hans", "en"], default="zh-hans", help="language of the clauses (default: zh-hans)")

    def handle(self, *_args: Any, **given: Any) -> None:
        with translation.override(given["lang"]):
            try:
                on = moments.day(given["on"]) if given["on"] else timezone.localdate()
            except moments.BadDay as bad:
                raise CommandError(f"--on: {bad}") from bad
            if (given["firms"] is None) == (given["persons"] is None):
                raise CommandError("one of --firms and --persons is needed")
            try:
                self._print(given["benefits"], given["firms"] or given["persons"], "firm" if given["firms"] else "resident", on)
            except (BadBenefit, lines.BadFile) as bad:
                raise CommandError("\n".join(f"{place or '/'}: {words}" for place, words in bad.faults)) from bad
            except BrokenPipeError:
                sys.stderr.close()

    def _print(self, benefits: Path, file: Path, subject: str, on: date) -> None:
        every, parameters = lines.benefits_of(benefits)
        found = [one for one in every if one.subject == subject]
        if not found:
            raise lines.BadFile([(str(benefits), f"no benefit in it is for a {subject}")])
        out = sys.stdout.buffer if hasattr(sys.stdout, "buffer") else None
        for line in lines.lines(found, lines.rows_of(file, subject), on=on, parameters=parameters):
            text = orjson.dumps(line) + b"\n"
            if out is not None:
                out.write(text)
            else:
                self.stdout.write(text.decode(), ending="")
