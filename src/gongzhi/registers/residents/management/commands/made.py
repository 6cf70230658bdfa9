"""Write a made population: `made residents N --seed S`."""

import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from gongzhi.registers.residents import made


class Command(BaseCommand):
    help = "write people who do not exist, for demos and measurements (made residents N --seed S)"
    needs_database = False

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        residents = verbs.add_parser(
            "residents", help="a CSV of people with their households, homes on the map and moves, ready for ./gongzhi import residents"
        )
        residents.add_argument("count", type=int, help="how many people")
        residents.add_argument("--seed", type=int, default=1, help="the same number and seed give the same people (default: 1)")
        residents.add_argument("--out", type=Path, help="file to write; its mapping lies beside it as FILE.mapping.yaml (default: standard output)")
        residents.add_argument("--as-of", type=date.fromisoformat, help="the day of which it speaks (default: today)")
        residents.add_argument("--centre", default="120.02,30.28", help="LON,LAT of the town's middle (default: the demo town)")
        residents.add_argument("--radius", type=float, default=2_300.0, help="metres round the middle in which homes lie")

    def handle(self, *_args: Any, **given: Any) -> None:
        if not 1 <= given["count"] <= 5_000_000:
            raise CommandError("between 1 and 5,000,000 people")
        try:
            longitude, latitude = (float(part) for part in given["centre"].split(","))
        except ValueError as error:
            raise CommandError("--centre is LON,LAT in degrees") from error
        rows = made.people(given["count"], given["seed"], given["as_of"] or timezone.localdate(), (longitude, latitude), given["radius"])
        if given["out"] is None:
            csv.writer(sys.stdout).writerows([made.HEADS, *rows])
            return
        with given["out"].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(made.HEADS)
            writer.writerows(rows)
        mapping = given["out"].with_name(given["out"].name + ".mapping.yaml")
        mapping.write_text(yaml.safe_dump(made.MAPPING, allow_unicode=True, sort_keys=False), encoding="utf-8")
        self.stdout.write(f"{given['out']} and {mapping} are written.")
