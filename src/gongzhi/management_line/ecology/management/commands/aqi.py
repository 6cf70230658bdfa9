"""`./gongzhi aqi FILE.csv [--out FILE]`: the air quality index for a file of readings."""

import contextlib
import csv
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.management_line.ecology import aircompare, airfile, airgather
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
        parser.add_argument("--compare", action="store_true", help="say of each kind of difference to the index in the file how often it occurs")
        parser.add_argument("--daily", action="store_true", help="make days of a file of hours, with the least data of the standards; one row a day")
        parser.add_argument("--column", action="append", default=[], metavar="ITEM=NAME", help="which column is what, such as O3_8h=ozone (may be repeated)")

    def handle(self, *_args: Any, **given: Any) -> None:
        file, out = given["file"], given["out"]
        if out and out.exists() and file.exists() and out.samefile(file):
            raise CommandError("--out is the file itself; choose another name.")
        account = Account()
        try:
            edition = named(INDEXES, given["edition"]).code if given["edition"] else ""
            header, rows = airfile.load(file)
            plan = airfile.plan(
                header, rows, kind=given["kind"], columns=_pairs("--column", given["column"]), units=_pairs("--unit", given["unit"]), needs_date=not edition,
            )  # fmt: skip
            if given["daily"]:
                self._days(plan, rows, edition, out)
                return
            compared = aircompare.compare(plan, header, rows, edition=edition) if given["compare"] else None
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
        if compared is not None:
            self._say_kinds(compared)

    def _days(self, plan: airfile.Plan, rows: list[list[str]], edition: str, out: Path | None) -> None:
        """Write the days of a file of hours, and say how many have an index and why the others have none."""
        days = list(airgather.days(plan, rows, edition=edition))
        head = ["day", "aqi", "level", "primary", *(f"{name}_8h" if name == "O3" else name for name in airgather.POLLUTANTS),
                *(f"{name}_hours" for name in airgather.POLLUTANTS), "note"]  # fmt: skip
        lines = []
        for day in days:
            index = day.index
            means = [day.means.get(name) for name in airgather.POLLUTANTS]
            lines.append([
                day.on.isoformat(), *(["", "", ""] if index is None or index.value is None or index.level is None else
                                      [str(index.value), str(index.level.name), "+".join(index.primary)]),
                *("" if mean is None or mean.value is None else f"{mean.value:.4g}" for mean in means),
                *("" if mean is None else str(mean.count) for mean in means), day.note,
            ])  # fmt: skip
        with out.open("w", encoding="utf-8-sig", newline="") if out else contextlib.nullcontext(self.stdout) as target:
            writer = csv.writer(_Lines(target), lineterminator="\n")
            writer.writerows([head, *lines])
        indexed = sum(day.index is not None and day.index.value is not None for day in days)
        self.stderr.write(f"{len(days):,} days, {indexed:,} with an index, {len(days) - indexed:,} without.")
        for name in airgather.POLLUTANTS:
            short = sum(name in day.means and not day.means[name].is_valid for day in days)
            if short:
                self.stderr.write(f"  {name}: {short:,} days with too few hours")
        lost = sum(day.absent for day in days)
        if lost:
            self.stderr.write(f"  {lost:,} hours have no row")
        if out:
            self.stderr.write(f"Written: {out}")

    def _say_kinds(self, found: aircompare.Comparison) -> None:
        words = {
            "same": "the same", "particles": "exactly the index of PM2.5 and PM10 alone",
            "rounding": f"at most {aircompare.NEAR} beside that: rounding of means",
            "range": "further off, that index lies in the range that the file gives", "outside": "outside that range or without one: unexplained",
        }  # fmt: skip
        self.stderr.write(f"By kind, of {found.total:,} rows with an index in the file:")
        for kind, count in found.counts.items():
            some = found.rows[kind][:2]
            shown = [f"line {line}: {official} in the file, {'none' if value is None else value}" for line, official, value, _words in some]
            examples = f" ({'; '.join(shown)})" if shown and kind != "same" else ""
            self.stderr.write(f"  {count:6,} {words[kind]}{examples}")
        if found.outside_months:
            self.stderr.write("  unexplained by month: " + ", ".join(f"{month} {count}" for month, count in found.outside_months.most_common(6)))
        if found.ranged:
            self.stderr.write(
                f"Its index lies in its own range in {found.in_range:,} of {found.ranged:,} rows. Of the ozone column, the one-hour sub-index is the upper end"
                f" of the range in {found.ozone_hour_top:,} rows and above it in {found.ozone_hour_above:,}; the 8 h sub-index is above it in"
                f" {found.ozone_eight_above:,}."
            )
        if found.other_level:
            self.stderr.write(
                f"The level is not that of the index in {found.other_level:,} rows; in {found.at_step:,} of them the index stands exactly on a step."
            )

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
