"""`./gongzhi forecast backtest FILE.csv`: how good the forecast is on a file of hourly values, as JSON."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.management_line.warnings import seriesfile
from gongzhi.management_line.warnings.backtest import backtest


class Command(BaseCommand):
    """Test the forecast on files."""

    help = "test the forecast on hourly values of a CSV file, against two baselines: JSON"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["backtest"])
        parser.add_argument("file", metavar="FILE.csv",
                            help="columns: a moment (or Date and Hour, or year month day hour), a place, values; - is standard input")  # fmt: skip
        parser.add_argument("--factor", default="PM2.5", help="column of the values (default PM2.5)")
        parser.add_argument("--limit", type=float, default=None, help="warnings are tested for passing this (default: what one hour in ten lies above)")
        parser.add_argument("--below", action="store_true", help="what lies below the limit is too much, such as oxygen")
        parser.add_argument("--horizon", type=int, default=12, choices=range(1, 25), metavar="HOURS", help="how far ahead warnings look, 1 to 24 (default 12)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = sys.stdin.read() if options["file"] == "-" else Path(options["file"]).read_text(encoding="utf-8-sig")
            series = seriesfile.read(text.splitlines(), options["factor"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except (seriesfile.Unreadable, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        results = []
        for name, (values, hours) in series.items():
            known = values[np.isfinite(values)]
            limit = options["limit"]
            chosen = limit is None and len(known) > 0
            if limit is None and len(known):
                limit = float(np.quantile(known, 0.1 if options["below"] else 0.9))
            score = backtest(values, hours, limit=limit, below=options["below"], horizon=options["horizon"]) if len(known) else None
            results.append({"series": name, "limit_chosen": chosen, **(score.as_json() if score else {"hours": len(known), "untested": "too few hours"})})
        self.stdout.write(json.dumps({"file": options["file"], "factor": options["factor"], "series": results}, ensure_ascii=False, indent=2))
