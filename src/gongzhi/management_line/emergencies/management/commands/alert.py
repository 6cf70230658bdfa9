"""Judge CAP files: `./gongzhi alert check FILE…`."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from gongzhi.management_line.emergencies import cap


class Command(BaseCommand):
    """One JSON line a file: file, verdict (valid or invalid), reason; remarks where the standard's words ask more than its schema."""

    help = "judge CAP 1.2 files: ./gongzhi alert check FILE…"
    needs_database = False
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check"])
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Print the lines; the exit code is 1 when a file is invalid."""
        verdicts = [self._judged(file) for file in files]
        for told in verdicts:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        if any(told["verdict"] == "invalid" for told in verdicts):
            self.stdout.flush()
            sys.exit(1)

    def _judged(self, file: Path) -> dict[str, Any]:
        try:
            with file.open("rb") as opened:
                message = cap.read(opened.read(cap.MOST_BYTES + 1))
        except OSError as error:
            return {"file": str(file), "verdict": "invalid", "reason": f"cannot be read: {error.strerror}"}
        except cap.NotValid as refused:
            return {"file": str(file), "verdict": "invalid", "reason": str(refused)}
        return {"file": str(file), "verdict": "valid", "reason": "", **({"remarks": list(message.remarks)} if message.remarks else {})}
