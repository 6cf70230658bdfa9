"""Take over what another system kept: `import cases FILE …`, `import readings FILE …`, `import residents FILE …`, `import firms FILE …`.

The module's name is a keyword of Python; Django finds commands by name and loads them by path, so that it works.
"""

import csv
import signal
import sys
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import sheets
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.takers import takers
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.feeds import importing, operations, queries
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import FileImport
from gongzhi.management_line.feeds.recipe import BadHeader, Recipe
from gongzhi.management_line.feeds.running import BY
from gongzhi.management_line.feeds.suggest import suggest
from gongzhi.management_line.reports.management.commands._cases import Cases
from gongzhi.registers.record import fields
from gongzhi.registers.record.management.commands._registers import Registers


class Command(Cases, Registers):
    help = "take over events, readings, residents, firms or matters from a file (import cases FILE …, import residents FILE …)"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        self.add_cases(verbs)
        self.add_registers(verbs)
        for taker in takers().values():
            taker.arguments(verbs.add_parser(taker.code, help=taker.help))
        readings = verbs.add_parser("readings", help="a CSV or XLSX of readings; every row is accounted for")
        readings.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030) or XLSX with the names of the columns above the values")
        readings.add_argument("--mapping", help="recipe: a YAML file, or the name of one that the town has kept; left out: what the header suggests is printed")
        readings.add_argument("--town", required=True, help="code of the town")
        readings.add_argument("--station", help="code of the station, where no column names it")
        readings.add_argument("--keep-as", metavar="NAME", help="keep the recipe in the town under this name")
        readings.add_argument("--refused", type=Path, help="where what was refused is listed with reasons (default: FILE.refused.csv)")
        readings.add_argument("--dry-run", action="store_true", help="only read the file's first 3,000 rows and say what would happen")

    def handle(self, *_args: Any, **given: Any) -> None:
        if given["verb"] == "cases":
            self.handle_cases(**given)
            return
        if given["verb"] in fields.registers():
            self.handle_register(given["verb"], **given)
            return
        known = territory.towns(seen_by=ANYONE)
        town = known.filter(code=given["town"]).first() if given["town"] else known.filter(is_default=True).first() or known.first()
        if town is None:
            raise CommandError(f"there is no town {given['town'] or 'yet'}")
        if given["verb"] in takers():
            with in_town(town.pk):
                try:
                    takers()[given["verb"]].take(given, timezone.now(), self.stdout.write)
                except (sheets.BadFile, Refused, OSError, yaml.YAMLError) as error:
                    raise CommandError(str(error)) from error
            return
        with in_town(town.pk):
            try:
                self._readings(given)
            except (sheets.BadFile, BadHeader, Refused, OSError) as error:
                raise CommandError(str(error)) from error
            except BadMapping as error:
                raise CommandError("the mapping cannot be used:\n  " + "\n  ".join(f"{name}: {why}" for name, why in error.faults)) from error

    def _readings(self, given: dict[str, Any]) -> None:
        path: Path = given["file"].resolve()
        zone = territory.town(seen_by=BY).zone
        if not given["mapping"]:
            found = suggest(importing.beginning(path), zone, stations=queries.station_names(seen_by=BY))
            self.stdout.write("# what the header suggests; look at it, save it, and give it as --mapping")
            self.stdout.write(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, default_flow_style=None, width=110))
            return
        definition = self._recipe(given["mapping"])
        if given["station"]:
            definition["station"] = f"={given['station']}"
        recipe = Recipe(definition, zone)
        rows = importing.open_rows(path, recipe)
        if given["dry_run"]:
            checked = queries.check_rows(seen_by=BY, rows=rows, recipe=recipe, at=timezone.now())
            for name, n in (("rows looked at", checked.rows), ("readings", checked.kept), ("refused", checked.refused), ("without a value", checked.empty)):
                self.stdout.write(f"{name:<20}{n:>10}")
            for why, (n, row) in sorted(checked.reasons.items(), key=lambda one: -one[1][0])[:10]:
                self.stdout.write(f"  {n} × {why} (first in row {row})")
            return
        if given["keep_as"]:
            operations.keep_recipe(by=BY, at=timezone.now(), code=given["keep_as"], name=given["keep_as"], definition=definition)
        digest, size = importing.digest_of(path)
        file = queries.unfinished_import(seen_by=BY, digest=digest)
        if file is not None and file.definition == definition and Path(file.path) == path:
            self.stderr.write(f"an import of this file was cut off after row {file.row}; it goes on from there")
            if not file.is_running:
                file = operations.begin_import(by=BY, at=timezone.now(), file_id=file.pk, is_queued=False)
        else:
            file = operations.bring_file(by=BY, at=timezone.now(), name=path.name, path=str(path), size=size, digest=digest)
            operations.describe_file(by=BY, at=timezone.now(), file_id=file.pk, definition=definition)
            file = operations.begin_import(by=BY, at=timezone.now(), file_id=file.pk, is_queued=False)
        self._account(self._run(file), given)

    def _recipe(self, name: str) -> dict[str, Any]:
        if Path(name).is_file():
            try:
                found = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
            except (UnicodeDecodeError, yaml.YAMLError) as error:
                raise CommandError(f"{name} cannot be read as YAML: {error}") from error
            if not isinstance(found, dict):
                raise CommandError(f"{name} holds no mapping")
            return found
        try:
            return dict(queries.recipes(seen_by=BY).get(code=name).definition)
        except ObjectDoesNotExist:
            kept = ", ".join(queries.recipes(seen_by=BY).values_list("code", flat=True)) or "none"
            raise CommandError(f"there is no file {name} and no recipe of this name; kept ones: {kept}") from None

    def _run(self, file: FileImport) -> FileImport:
        stopped: list[int] = []
        before = signal.signal(signal.SIGINT, lambda number, _frame: stopped.append(number))
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(file=sys.stderr)) as bar:
                task = bar.add_task(file.name, total=None, said="")

                def tell(now: FileImport) -> None:
                    bar.update(task, said=f"{now.rows:,} rows, {now.taken:,} taken, {now.repeated:,} known, {now.refused:,} refused")

                return importing.run(file, timezone.now, goes_on=lambda: not stopped, tell=tell)
        finally:
            signal.signal(signal.SIGINT, before)

    def _account(self, file: FileImport, given: dict[str, Any]) -> None:
        """Say what became of every row and value."""
        for name, n in (
            ("rows used", file.rows_used), ("rows without value", file.rows_blank), ("rows refused", file.rows_refused), ("rows", file.rows),
            ("readings taken", file.taken), ("known before", file.repeated), ("corrected", file.corrected),
            ("values refused", file.refused), ("cells without value", file.empty),
        ):  # fmt: skip
            self.stdout.write(f"{name:<20}{n:>10}")
        if file.rows != file.rows_used + file.rows_blank + file.rows_refused:  # a bug, and never silent
            raise CommandError(f"{file.rows} rows were read and not all are accounted for")
        for reason, n in queries.refused_cell_reasons(seen_by=BY, file_id=file.pk):
            self.stdout.write(f"  {n} × {reason}")
        if file.refused:
            listed = given["refused"] or given["file"].with_name(given["file"].name + ".refused.csv")
            try:
                with listed.open("w", encoding="utf-8-sig", newline="") as out:
                    writer = csv.writer(out)
                    writer.writerow(["row", "column", "what stood there", "reason"])
                    cells = queries.refused_cells(seen_by=BY, file_id=file.pk)
                    writer.writerows([one.row, one.column, one.text, one.why] for one in cells.iterator(chunk_size=2_000))
                self.stdout.write(f"refused, with reasons: {listed}")
            except OSError as error:
                self.stderr.write(f"{listed}: {error.strerror}; what was refused is on the page /stations/import/{file.pk}/")
        if file.is_running:
            raise CommandError("stopped; run the same again to go on")
        if file.has_failed:
            raise CommandError(f"stopped after row {file.row}: {file.error}. What came before is kept; run the same again to go on")
