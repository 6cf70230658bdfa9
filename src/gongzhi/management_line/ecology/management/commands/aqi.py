"""`./gongzhi aqi FILE.csv [--out FILE]`: the air quality index for a file of readings."""

import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.management_line.ecology import airfile
from gongzhi.management_line.ecology.airfile import Account
from gongzhi.management_line.standards.edition import CannotAssess, named
from gongzhi.management_line.standards.tables.air import INDEXES


class Command(BaseCommand):
    help = "add air quality index, level and primary pollutant to an hourly or daily CSV (aqi FILE.csv --out FILE)"
    needs_database = False
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        editions = ", ".join(edition.code for edition in INDEXES)
        parser.add_argument("file", type=Path, help="CSV in UTF-8 or GB18030 with a header; ug/m3, CO in mg/m3, unless the header or --unit says otherwise")
        parser.add_argument("--out", type=Path, metavar="FILE", help="where the file with the added columns goes (default: standard output)")
        parser.add_argument(
            "--edition", default="", metavar="EDITION", help=f"compute by one edition ({editions}); default: the one in force on each row's date"
        )
        parser.add_argument(
            "--kind", choices=[airfile.HOUR, airfile.DAY], default="", help="what a row is; default: an hour if the file tells hours, else a day"
        )
        parser.add_argument("--unit", action="append", default=[], metavar="ITEM=UNIT", help="unit of a column, such as CO=ug/m3 (may be repeated)")
        parser.add_argument("--column", action="append", default=[], metavar="ITEM=NAME", help="which column is what, such as O3_8h=ozone (may be repeated)")

    def handle(self, *_args: Any, **given: Any) -> None:
        file, out = given["file"], given["out"]
        if out and out.exists() and file.exists() and out.samefile(file):
            raise CommandError("--out is the file itself; choose another name.")
        account = Account()
        try:
            edition = named(INDEXES, given["edition"]).code if given["edition"] else ""
            header, rows = airfile.read(file.read_bytes())
            plan = airfile.plan(
                header, rows, kind=given["kind"], columns=_pairs("--column", given["column"]), units=_pairs("--unit", given["unit"]), needs_date=not edition,
            )  # fmt: skip
            found = [airfile.added(index, note) for index, note in airfile.compute(plan, rows, edition=edition, account=account)]
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        except CannotAssess as error:
            raise CommandError(f"{file}: {error}") from error
        try:
            if out:
                with out.open("w", encoding="utf-8-sig", newline="") as target:
                    _write(target, header, rows, found)
            else:
                _write(self.stdout, header, rows, found)
        except BrokenPipeError:
            sys.exit(0)
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror or error}") from error
        self._say(plan, account, out)

    def _say(self, plan: airfile.Plan, account: Account, out: Path | None) -> None:
        editions = ", ".join(f"{code} ({count:,})" for code, count in account.editions.items()) or "none"
        self.stderr.write(
            f"{account.rows:,} rows by the {plan.kind}, {account.computed:,} with an index, {account.rows - account.computed:,} without; by {editions}."
        )
        for note, count in account.notes.most_common(5):
            self.stderr.write(f"  {count:,} × {note}")
        if account.compared:
            self.stderr.write(f"An index stood beside {account.compared:,} of them: {account.agreeing:,} agree ({account.agreeing / account.compared:.1%}).")
            for line, official, value in account.differing[:5]:
                self.stderr.write(
                    f"  line {line}: {official if official is not None else 'none'} in the file, {value if value is not None else 'none'} computed"
                )
        if out:
            self.stderr.write(f"Written: {out}")


def _pairs(option: str, given: list[str]) -> dict[str, str]:
    found = {}
    for pair in given:
        key, is_pair, value = pair.partition("=")
        if not is_pair or not key.strip() or not value.strip():
            raise CommandError(f"{option} wants ITEM=VALUE, not {pair!r}.")
        found[key.strip()] = value.strip()
    return found


def _write(target: Any, header: list[str], rows: list[list[str]], found: list[list[str]]) -> None:
    writer = csv.writer(_Lines(target), lineterminator="\n")
    writer.writerow([*header, *airfile.ADDED])
    writer.writerows([*row, *cells] for row, cells in zip(rows, found, strict=True))


class _Lines:
    """Django's output wrapper ends each write with a line break of its own; this hands rows through as they are."""

    def __init__(self, target: Any) -> None:
        self.target = getattr(target, "_out", target)

    def write(self, text: str) -> int:
        return self.target.write(text)
