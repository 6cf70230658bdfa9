"""Print what an event log says about its process, as one JSON."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gongzhi.evaluation import mining, xes


class Command(BaseCommand):
    """Reads the log as a stream: memory holds eight bytes an event, not the file."""

    help = "mine a process from an event log: FILE.xes or FILE.xes.gz, printed as one JSON"
    needs_database = False
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the log, XES 1.0 or IEEE 1849, compressed or not")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            opened = xes.opened(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror or error}") from error
        with opened:
            log = xes.Log(opened)
            try:
                found = mining.mine(trace.events for trace in log)
            except xes.NotXes as error:
                raise CommandError(f"{file}: {error}") from error
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror or error}") from error
        told = found.as_json()
        told |= {"empty_cases": log.empty, "events_without_case": log.loose}
        self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
