"""Take over another system's events: `import cases FILE --mapping FILE.yaml --town CODE`; the part of `import` that reports bring."""

import csv
import sys
import time
from collections import Counter
from datetime import datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.operation import Refused, tried
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.reports import mapping as mappings
from gongzhi.management_line.reports import operations
from gongzhi.management_line.reports.mapping import BadFile, BadMapping, Event, Mapping, Refusal

SHOWN = 20  # refused rows that are told one by one; the rest stand in the file
SHIPPED = Path(mappings.__file__).parent / "mappings"


class Cases(BaseCommand):
    def add_cases(self, verbs: Any) -> None:
        """Add the verb `cases`."""
        cases = verbs.add_parser("cases", help="grid or hotline events become cases; every row is accounted for")
        cases.add_argument("file", type=Path, help="CSV in UTF-8 or GB18030 with a header")
        shipped = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.yaml")))
        cases.add_argument("--mapping", required=True, help=f"mapping file, or the name of a shipped one ({shipped})")
        cases.add_argument("--town", required=True, help="code of the town; founded as the mapping says if there is none")
        cases.add_argument("--batch", type=int, default=500, help="rows of one transaction (500)")
        cases.add_argument("--refused", type=Path, help="where rows that were refused are listed with reasons (default: FILE.refused.csv)")
        cases.add_argument("--dry-run", action="store_true", help="do it all and undo it: say what would happen, with what only the database refuses")

    def handle_cases(self, **given: Any) -> None:
        """Take the cases of a file over."""
        console = Console(file=cast("IO[str]", self.stderr) if given.get("no_color") else sys.stderr)
        how = _mapping(given["mapping"])
        try:
            rows = mappings.read(given["file"], how)
        except BadFile as error:
            raise CommandError(str(error)) from error
        if given["batch"] < 1:
            raise CommandError("--batch must be 1 or more")
        events = sorted((row for row in rows if isinstance(row, Event)), key=lambda event: (event.opened_at, event.id))
        refused = [row for row in rows if isinstance(row, Refusal)]
        repeats = mappings.repeats(events, int((how.raw.get("same") or {}).get("seconds", 0))) if how.raw.get("same") else {}
        by, began = system("import"), time.monotonic()

        def do() -> dict[str, str]:
            with in_town(_town(by, how, given["town"])):
                return self._take(by, how, events, repeats, given["batch"], console)

        if given["dry_run"]:
            try:
                outcome = tried(do)
            except Refused as error:
                raise CommandError(f"{error} The import would be refused so; nothing was written.") from error
            self._account_cases(given, len(rows), Counter(outcome.values()), refused, 0.0)
            return
        try:
            outcome = do()
        except Refused as error:
            raise CommandError(f"{error} Nothing of this batch was written; what came before it is kept, run the same again to go on.") from error
        self._account_cases(given, len(rows), Counter(outcome.values()), refused, time.monotonic() - began)

    def _take(self, by: Actor, how: Mapping, events: list[Event], repeats: dict[str, str], size: int, console: Console) -> dict[str, str]:
        prepared = operations.prepare_import(by=by, at=timezone.now(), how=how, events=events)
        outcome: dict[str, str] = {}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(str(how.raw.get("title") or how.source), total=len(events), rate="")
            began = time.monotonic()
            for start in range(0, len(events), size):
                batch = events[start : start + size]
                outcome |= operations.import_events(by=by, at=timezone.now(), how=how, events=batch, prepared=prepared, repeats=repeats)
                rate = len(outcome) / max(0.001, time.monotonic() - began)
                bar.update(task, advance=len(batch), rate=f"{rate:,.0f}/s")
        return outcome

    def _account_cases(self, given: dict[str, Any], total: int, counted: Counter[str], refused: list[Refusal], seconds: float) -> None:
        """Say what became of every row; the sum must be the file."""
        listed = given["refused"] or given["file"].with_name(given["file"].name + ".refused.csv")
        if refused and not given["dry_run"]:
            try:
                with listed.open("w", encoding="utf-8-sig", newline="") as file:
                    rows = csv.writer(file)
                    rows.writerow(["line", "id", "reason", "column", "value"])
                    rows.writerows([row.line, row.id, row.reason, row.column, row.value] for row in refused)
            except OSError as error:
                self.stderr.write(f"{listed}: {error.strerror}; the refused rows are listed here instead")
                for row in refused:
                    self.stderr.write(f"{row.line}\t{row.id}\t{row.reason}")
        lines = [("imported", counted["imported"]), ("merged (repeats)", counted["merged"]), ("known from before", counted["known"]), ("refused", len(refused))]
        for name, n in lines:
            self.stdout.write(f"{name:<20}{n:>8}")
        self.stdout.write(f"{'rows':<20}{total:>8}")
        if sum(n for _name, n in lines) != total:  # a bug, and never silent
            raise CommandError(f"{total} rows were read but {sum(n for _name, n in lines)} are accounted for")
        for reason, n in Counter(row.reason for row in refused).most_common(5):
            self.stdout.write(f"  {n} × {reason}")
        for row in refused[:SHOWN]:
            where = f", {row.column} “{row.value}”" if row.column else ""
            self.stdout.write(f"  line {row.line}{where}: {row.reason}")
        if len(refused) > SHOWN:
            self.stdout.write(f"  and {len(refused) - SHOWN} more")
        if refused and not given["dry_run"]:
            self.stdout.write(f"refused rows with reasons: {listed}")
        if seconds:
            self.stdout.write(f"{seconds:.1f} s, {sum(counted.values()) / seconds:,.0f} rows a second")
        if not given["dry_run"]:
            self.stdout.write(
                f"Open figures: /open/ at the town's host name (such as {given['town']}.localhost in a demo).\n"
                f"Desk and command screen need a log-in: ./gongzhi found-town {given['town']} makes its first administrator, unless it has one."
            )


def _mapping(name: str) -> Mapping:
    path = Path(name)
    if not path.is_file():
        shipped = SHIPPED / f"{path.stem}.yaml"
        if not shipped.is_file():
            raise CommandError(f"there is no mapping {name}; shipped ones: {', '.join(sorted(one.stem for one in SHIPPED.glob('*.yaml')))}")
        path = shipped
    try:
        return mappings.load(path)
    except BadMapping as error:
        raise CommandError(f"{path.name} cannot be used:\n  " + "\n  ".join(error.faults)) from error


def _town(by: Actor, how: Mapping, code: str) -> int:
    """Return the id of the town, founding it if there is none."""
    found = territory.towns(seen_by=ANYONE).filter(code=code).first()
    if found is not None:
        return int(found.pk)
    at = datetime.combine(how.founded, time_of_day.min, tzinfo=how.zone)
    made = territories.found_town(
        by=by, at=at, code=code, name=how.town["name"], short_name=how.town["short_name"], name_en=str(how.town.get("name_en", "")),
        division_code=str(how.town.get("division_code", "")), time_zone=str(how.zone),
    )  # fmt: skip
    return int(made.pk)
