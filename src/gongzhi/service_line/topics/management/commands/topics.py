"""Find the topics of a CSV of messages."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.kernel import moments, numbers
from gongzhi.service_line.topics import finding

FORMS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")


class Command(BaseCommand):
    help = "find the hot topics of a CSV of messages: rows id,topic and a JSON beside it"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("csv", type=Path, help="CSV in UTF-8 or GB18030 with a header")
        for name, what in (("title", "column of the title"), ("text", "column of the text"), ("time", "column of the time"), ("id", "column of the id")):
            parser.add_argument(f"--{name}", required=True, metavar="COL", help=what)
        parser.add_argument("--supporters", metavar="COL", default="", help="column of how many agreed")
        parser.add_argument("--least", type=int, default=finding.LEAST, help="messages that make a topic (3)")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the rows id,topic go; the topics go beside it as .json")

    def handle(self, *args: Any, **options: Any) -> None:
        messages = _messages(options)
        found = finding.find(messages, least=max(2, options["least"]))
        topic_of = {one: topic.number for topic in found for one in topic.ids}
        out: Path = options["out"]
        with out.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("id", "topic"))
            writer.writerows((one.id, topic_of.get(one.id, "")) for one in messages)
        told = [
            {"topic": one.number, "title": one.title, "messages": len(one.ids), "words": one.words, "places": one.places,
             "first": one.first.isoformat() if one.first else None, "last": one.last.isoformat() if one.last else None, "heat": one.heat} for one in found
        ]  # fmt: skip
        formula = "sum(1 + ln(1 + supporters)) / max(days from first to last, 7)"
        beside = out.with_suffix(".json") if out.suffix != ".json" else out.with_name(f"{out.name}.topics.json")
        beside.write_text(json.dumps({"heat": formula, "topics": told}, ensure_ascii=False, indent=1), encoding="utf-8")
        in_topics = len(topic_of)
        self.stdout.write(json.dumps({"messages": len(messages), "topics": len(found), "in_topics": in_topics, "rows": str(out), "told": str(beside)}))


def _messages(options: dict[str, Any]) -> list[finding.Message]:
    file: Path = options["csv"]
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise CommandError(f"{file}: neither UTF-8 nor GB18030") from error
    rows = csv.DictReader(io.StringIO(text, newline=""))
    wanted = [options[name] for name in ("title", "text", "time", "id")] + ([options["supporters"]] if options["supporters"] else [])
    missing = [name for name in wanted if name not in (rows.fieldnames or [])]
    if missing:
        raise CommandError(f"{file}: no column {', '.join(missing)}; there are {', '.join(rows.fieldnames or ['none'])}")
    found, seen = [], set()
    for line, row in enumerate(rows, start=2):
        one = (row[options["id"]] or "").strip()
        if not one:
            raise CommandError(f"{file}, line {line}: {options['id']} is empty")
        if one in seen:
            raise CommandError(f"{file}, line {line}: {options['id']} {one} stands twice")
        seen.add(one)
        found.append(finding.Message(
            id=one, title=(row[options["title"]] or "").strip(), text=(row[options["text"]] or "").strip(), at=_moment(row[options["time"]], file, line),
            supporters=_count(row[options["supporters"]]) if options["supporters"] else 0,
        ))  # fmt: skip
    return found


def _count(text: str | None) -> int:
    try:
        return max(0, numbers.whole((text or "0").strip() or "0"))
    except numbers.BadNumber:
        return 0


def _moment(text: str | None, file: Path, line: int) -> datetime | None:
    said = " ".join((text or "").split())
    if not said:
        return None
    known = moments.moment_or(said)
    if known is not None:
        return known.replace(tzinfo=None)
    for form in FORMS:
        try:
            return datetime.strptime(said, form)
        except ValueError:
            continue
    raise CommandError(f"{file}, line {line}: {said} is not a time that can be read")
