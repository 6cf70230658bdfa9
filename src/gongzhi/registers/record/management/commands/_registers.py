"""What the command `import` does for registers: `import residents FILE --mapping YAML`, `import firms FILE --mapping YAML`."""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import sheets
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.registers.record import fields, importing, mapping, operations, queries
from gongzhi.registers.record.mapping import BadMapping
from gongzhi.registers.record.models import TakenFile


class Registers(BaseCommand):
    """The part of the command that takes files into registers."""

    def add_registers(self, verbs: Any) -> None:
        for code, register in fields.registers().items():
            one = verbs.add_parser(code, help=f"a CSV or XLSX into the register of {code}; every row is accounted for ({register.title})")
            one.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030) or XLSX with the names of the columns above the values")
            one.add_argument("--mapping", type=Path, help="YAML that says which column holds which field; left out: what the header suggests is printed")
            one.add_argument("--town", help="code of the town (default: the default town)")

    def handle_register(self, code: str, **given: Any) -> None:
        """Take one file over and print the account as JSON; raise CommandError where it cannot be."""
        known = territory.towns(seen_by=ANYONE)
        town = known.filter(code=given["town"]).first() if given["town"] else known.filter(is_default=True).first() or known.first()
        if town is None:
            raise CommandError(f"there is no town {given['town'] or 'yet'}")
        with in_town(town.pk):
            try:
                self._take_file(fields.register(code), given["file"].resolve(), given["mapping"])
            except (sheets.BadFile, Refused, OSError) as error:
                raise CommandError(str(error)) from error
            except BadMapping as error:
                raise CommandError(f"the mapping cannot be used: {error}") from error

    def _take_file(self, register: fields.Register, path: Path, told: Path | None) -> None:
        if told is None:
            rows = importing.beginning(path)
            header = mapping.header_of(register, rows)
            names = mapping.names_of(next((cells for number, cells in rows if number == header), []))
            proposed = {"fields": mapping.propose(register, names), "header": header, "source": "", "basis": ""}
            self.stdout.write("# what the header suggests; fill in source and basis, save it, and give it as --mapping")
            self.stdout.write(yaml.safe_dump(proposed, allow_unicode=True, sort_keys=False))
            return
        try:
            definition = yaml.safe_load(told.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            raise CommandError(f"{told} cannot be read as YAML: {error}") from error
        meant = mapping.checked(register, definition)
        importing.open_rows(path, meant)
        digest, size = importing.digest_of(path)
        plain = json.loads(json.dumps(definition, default=str))
        file = queries.unfinished_file(seen_by=importing.BY, register=register.code, digest=digest)
        if file is None or file.definition != plain or Path(file.path) != path:
            file = operations.bring_file(
                by=importing.BY, at=timezone.now(), register=register.code, name=path.name, path=str(path), size=size, digest=digest, as_of=meant.as_of
            )
        if not file.is_running:
            file = operations.begin_file(by=importing.BY, at=timezone.now(), file_id=file.pk, definition=plain, is_queued=False)
        began = time.monotonic()
        file = self._run_file(file)
        counts = {name: getattr(file, name) for name in ("rows", "added", "changed", "known", "refused", "blank")}
        reasons = {str(one["reason"]): one["n"] for one in queries.reasons(seen_by=importing.BY, file_id=file.pk)}
        account = {
            "register": register.code,
            "file": path.name,
            **counts,
            "reasons": reasons,
            "seconds": round(time.monotonic() - began, 1),
            "state": file.state,
        }
        self.stdout.write(json.dumps(account, ensure_ascii=False))
        if file.state == "failed":
            raise CommandError(f"stopped after row {file.row}: {file.error}. What came before is kept; run the same again to go on")
        if file.is_running:
            raise CommandError("stopped; run the same again to go on")

    def _run_file(self, file: TakenFile) -> TakenFile:
        stopped: list[int] = []
        before = signal.signal(signal.SIGINT, lambda number, _frame: stopped.append(number))
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
        try:
            with Progress(*columns, console=Console(file=sys.stderr)) as bar:
                task = bar.add_task(file.name, total=_rows_of(Path(file.path)), said="")

                def tell(now: TakenFile) -> None:
                    bar.update(task, completed=now.rows, said=f"{now.rows:,} rows, {now.added:,} added, {now.changed:,} changed, {now.refused:,} refused")

                return importing.run(file, timezone.now, goes_on=lambda: not stopped, tell=tell)
        finally:
            signal.signal(signal.SIGINT, before)


def _rows_of(path: Path) -> int | None:
    """Return about how many rows a CSV holds, for the bar; None for a workbook."""
    if sheets.is_workbook(path):
        return None
    with path.open("rb") as file:
        return max(1, sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b"")) - 1)
