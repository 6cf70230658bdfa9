"""`./gongzhi archive run | verify | list | query`."""

import csv
import json
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import moments
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.archive import layout, moving, operations, queries
from gongzhi.management_line.sensing import queries as sensing


class Command(BaseCommand):
    """Move readings to files, check them, list them, and read both as one."""

    help = "readings past their term: move them to Parquet (run), check the files (verify), list them, query hot and cold as one"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["run", "verify", "list", "query"])
        parser.add_argument("--town", metavar="CODE", help="one town (default: all; query: the default town)")
        parser.add_argument("--deep", action="store_true", help="verify: read every row again, too")
        parser.add_argument("--json", action="store_true", help="print JSON lines")
        parser.add_argument("--station", metavar="CODE", help="query: the station")
        parser.add_argument("--factor", action="append", default=[], metavar="CODE", help="query: only this factor (may be repeated)")
        parser.add_argument("--aggregate", metavar="NAME", help="query: only this aggregate, such as rtd")
        parser.add_argument("--since", metavar="TIME", help="query: 2025-01-01 or 2025-01-01T08:00, in the town's time (default: 31 days before --until)")
        parser.add_argument("--until", metavar="TIME", help="query: up to this moment, not included (default: now)")
        parser.add_argument("--step", choices=["raw", "hour", "day"], default="raw", help="query: single readings, or rolls")
        parser.add_argument("--out", type=Path, metavar="FILE.parquet", help="query: write single readings into a Parquet file instead of CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        towns = [town for town in territory.towns(seen_by=CLOCK) if options["town"] in (None, town.code)]
        if not towns:
            raise CommandError(f"--town: there is no town {options['town']!r}." if options["town"] else "There is no town yet.")
        if options["what"] == "query":
            towns = [next((town for town in towns if town.is_default), towns[0])]
        wrong = False
        for town in towns:
            with in_town(town.pk):
                try:
                    wrong = getattr(self, f"_{options['what']}")(town, options) or wrong
                except (Refused, moving.Busy, OSError) as error:
                    self.stderr.write(f"{town.code}: {error}")
                    wrong = True
        if options["what"] == "run":
            for name in moving.drop_empty_months():
                self._say(options, {"dropped": name}, f"{name}: empty in every town, dropped")
        if wrong:
            sys.exit(1)

    def _say(self, options: dict[str, Any], line: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(line, ensure_ascii=False) if options["json"] else words)

    def _run(self, town: Any, options: dict[str, Any]) -> bool:
        at = timezone.now()
        moved = moving.move_out(by=CLOCK, at=at, say=lambda line: None if options["json"] else self.stdout.write(f"{town.code}: {line}"))
        done = {"town": town.code, "files": moved.files, "rows": moved.rows, "bytes": moved.bytes, "finished": moved.finished, "abandoned": moved.abandoned}
        days = queries.term(seen_by=CLOCK)
        self._say(options, done, f"{town.code}: {moved.rows} readings moved into {moved.files + moved.finished} files (term {days} days)")
        return False

    def _verify(self, town: Any, options: dict[str, Any]) -> bool:
        ids = list(queries.archived_files(seen_by=CLOCK).values_list("pk", flat=True))
        damaged = operations.check_files(by=CLOCK, at=timezone.now(), file_ids=ids, deep=options["deep"]) if ids else []
        for file in damaged:
            self._say(options, {"town": town.code, "file": file.path, "damage": file.damage}, f"{town.code}: {file.path}: DAMAGED, {file.damage}")
        unlisted = queries.unlisted(seen_by=CLOCK)
        for path in unlisted:
            self._say(options, {"town": town.code, "file": path, "unlisted": True}, f"{town.code}: {path}: not in the list, is not read")
        line = {"town": town.code, "files": len(ids), "damaged": len(damaged), "unlisted": len(unlisted)}
        self._say(options, line, f"{town.code}: {len(ids)} files, {len(damaged)} damaged")
        return bool(damaged)

    def _list(self, town: Any, options: dict[str, Any]) -> bool:
        files = list(queries.archived_files(seen_by=CLOCK))
        for file in files:
            line = {
                "town": town.code, "month": f"{file.month:%Y-%m}", "path": str(layout.file_at(file.path)), "rows": file.rows, "bytes": file.bytes,
                "sha256": file.sha256, "state": file.state, "first": file.first_at.isoformat(), "last": file.last_at.isoformat(), "damage": file.damage,
            }  # fmt: skip
            self._say(options, line, f"{town.code}  {file.month:%Y-%m}  {file.rows:>12,} rows  {file.bytes:>14,} bytes  {file.state:<8}  {file.path}")
        if not files and not options["json"]:
            self.stdout.write(f"{town.code}: nothing is archived yet")
        return False

    def _query(self, town: Any, options: dict[str, Any]) -> bool:
        if not options["station"]:
            raise CommandError("query needs --station CODE.")
        try:
            station = sensing.station_for(seen_by=CLOCK, code=options["station"])
        except ObjectDoesNotExist:
            raise CommandError(f"--station: there is no station {options['station']!r} in {town.code}.") from None
        series = {
            one.pk: one for one in sensing.series_of(seen_by=CLOCK, station_id=station.pk)
            if (not options["factor"] or one.factor in options["factor"]) and options["aggregate"] in (None, one.aggregate)
        }  # fmt: skip
        if not series:
            raise CommandError(f"{station.code} has no such series.")
        until = self._moment("--until", options["until"], town.zone) or timezone.now()
        since = self._moment("--since", options["since"], town.zone) or until - timedelta(days=31)
        asked: dict[str, Any] = {"seen_by": CLOCK, "series_ids": list(series), "since": since, "until": until}
        if options["out"]:
            import pyarrow.parquet as pq

            found = queries.table_between(**asked)
            pq.write_table(found, options["out"], compression="zstd")
            self.stdout.write(f"{options['out']}: {found.num_rows} readings")
            return False
        writer = csv.writer(self.stdout)
        if options["step"] == "raw":
            writer.writerow(["factor", "aggregate", "unit", "measured_at", "value", "flag", "version", "received_at"])
            for point in queries.readings_between(**asked, most=None):
                one = series[point.series_id]
                moment, received = (at.astimezone(town.zone).isoformat() for at in (point.measured_at, point.received_at))
                writer.writerow([one.factor, one.aggregate, one.unit, moment, point.value, point.flag, point.version, received])
            return False
        writer.writerow(["factor", "aggregate", "unit", "at", "count", "valid", "mean", "low", "high"])
        for series_id, rolls in queries.rolls_between(**asked, step=options["step"]).items():
            one = series[series_id]
            for roll in rolls:
                at = roll.at.astimezone(town.zone).isoformat()
                writer.writerow([one.factor, one.aggregate, one.unit, at, roll.count, roll.valid, roll.mean, roll.low, roll.high])
        return False

    def _moment(self, name: str, text: str | None, zone: ZoneInfo) -> datetime | None:
        if text is None:
            return None
        try:
            return datetime.combine(moments.day(text), time.min, zone) if len(text) == 10 else moments.moment(text, zone)
        except moments.Unreadable:
            raise CommandError(f"{name}: {text!r} is no date or time such as 2025-01-01 or 2025-01-01T08:00.") from None
