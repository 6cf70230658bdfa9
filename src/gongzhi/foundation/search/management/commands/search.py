"""`./gongzhi search items FILE.csv --text COL --queries Q.csv`, `./gongzhi search score CSV --question COL --answer COL`."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.foundation.search import measuring


class Command(BaseCommand):
    """Measure how well search finds in a file."""

    help = "measure search on files: everyday queries against items, titles against their replies"
    needs_database = False
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="what", required=True, parser_class=type(parser))
        items = verbs.add_parser("items", help="find items by everyday queries")
        items.add_argument("file", help="CSV in UTF-8 with one item a row")
        items.add_argument("--text", required=True, help="column with the words of an item")
        items.add_argument("--queries", required=True, help="CSV with the columns query and expected (a regular expression that the item's text must match)")
        score = verbs.add_parser("score", help="find the official reply of each title")
        score.add_argument("file", help="CSV in UTF-8 with one question and its answer a row")
        score.add_argument("--question", required=True, help="column of the question")
        score.add_argument("--answer", required=True, help="column of the answer; passages copied from the question are removed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "items":
            texts = [row[0] for row in _columns(options["file"], options["text"])]
            queries = _columns(options["queries"], "query", "expected")
            for number, (_asked, expected) in enumerate(queries, 2):
                try:
                    re.compile(expected)
                except re.error as error:
                    raise CommandError(f"{options['queries']}, row {number}: expected is no regular expression: {error}") from error
            found = measuring.of_items(texts, [(asked, expected) for asked, expected in queries])
        else:
            rows = _columns(options["file"], options["question"], options["answer"])
            found = measuring.of_replies([(question, answer) for question, answer in rows])
        self.stdout.write(json.dumps(found))


def _columns(name: str, *wanted: str) -> list[tuple[str, ...]]:
    """Return these columns of a CSV file, row by row; raise CommandError where it cannot be read."""
    csv.field_size_limit(10_000_000)
    try:
        with Path(name).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in wanted if column not in (reader.fieldnames or [])]
            if missing:
                raise CommandError(f"{name} has no column {missing[0]}; it has: {', '.join(reader.fieldnames or [])}")
            rows = [tuple(row[column] or "" for column in wanted) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{name} cannot be read: {error}") from error
    if not rows:
        raise CommandError(f"{name} has no rows")
    return rows
