"""`./gongzhi tally FILE [--rules FILE]`: count ballots and say how, as one JSON."""

import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from gongzhi.autonomy_line.budgets import telling as budgets
from gongzhi.autonomy_line.elections import regulation, telling
from gongzhi.autonomy_line.elections.contests import Malformed
from gongzhi.autonomy_line.elections.reading import PABULIB, kind_of, text_of

MOST_BYTES = 500_000_000


class Command(BaseCommand):
    help = "count ballots and explain the count as JSON (tally FILE.csv|.blt|.pb [--rules FILE])"
    needs_database = False
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="ballots: CSV of patterns or ranks, BLT, or a Pabulib .pb")
        parser.add_argument("--rules", type=Path, metavar="FILE", help='JSON: {"method": …, "seats": …} or the configuration of a tabulator (RCTab)')
        parser.add_argument("--method", choices=regulation.METHODS, help="the rule, where no rules file is given")
        parser.add_argument("--seats", type=int, help="how many are elected, where the file does not say it")
        parser.add_argument("--rule", default="", metavar="RULE", help="of a .pb: greedy, greedy-no-skip, equalshares, equalshares/add1, … instead of its own")
        parser.add_argument("--language", choices=("en", "zh-hans"), default="en", help="of the explanations (default: en)")

    def handle(self, *_args: Any, **given: Any) -> None:
        file: Path = given["file"]
        rules = None
        try:
            if given["rules"] is not None:
                file = given["rules"]
                rules = regulation.read(text_of(file.read_bytes()))
            file = given["file"]
            if file.stat().st_size > MOST_BYTES:
                raise CommandError(f"{file}: the file has more than {MOST_BYTES:,} bytes.")
            content = file.read_bytes()
            kind = kind_of(file.name, content)
            text = text_of(content, kind=kind)
            with translation.override(given["language"]):
                if kind == PABULIB:
                    told = budgets.tally(text, rule=given["rule"] or (rules.method if rules else ""), progress=_progress)
                else:
                    told = telling.tally(text, kind=kind, rules=rules, method=given["method"] or "", seats=given["seats"])
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        except Malformed as error:
            raise CommandError(f"{file}: {error}") from error
        self.stdout.write(orjson.dumps({"file": given["file"].name, **told}, option=orjson.OPT_INDENT_2).decode())


def _progress(raises: int, share: Any) -> None:
    """Say on a terminal how far the raises of equal shares have come."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\rraise {raises}, share {float(share):,.2f} ")
        sys.stderr.flush()
