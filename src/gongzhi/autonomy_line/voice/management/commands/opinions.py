"""`./gongzhi opinions FOLDER`: groups of opinion and common ground of a Polis export, as one JSON."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gongzhi.autonomy_line.voice import opinionmap
from gongzhi.autonomy_line.voice.export import BadExport, Export, read
from gongzhi.autonomy_line.voice.opinionmap import Common, OpinionMap, Typical


class Command(BaseCommand):
    help = "find groups of opinion and common ground in a Polis export (opinions FOLDER)"
    needs_database = False
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="with votes.csv or participants-votes.csv, and comments.csv for the texts")
        parser.add_argument("--count", type=int, metavar="N", help="ask for so many groups (2 to 5) instead of the best number")

    def handle(self, *_args: Any, **given: Any) -> None:
        folder: Path = given["folder"]
        if not folder.is_dir():
            raise CommandError(f"{folder}: there is no such folder")
        count = given["count"]
        if count is not None and not 2 <= count <= opinionmap.MOST_GROUPS:
            raise CommandError(f"--count is from 2 to {opinionmap.MOST_GROUPS}")
        try:
            export = read(folder)
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror or error}") from error
        except BadExport as error:
            raise CommandError(f"{folder}/{error}") from error
        found = opinionmap.draw(export.votes, count=count)
        if count is not None and found.count != count:
            raise CommandError(f"the votes do not part into {count} groups")
        self.stdout.write(orjson.dumps(told(export, found), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def told(export: Export, found: OpinionMap) -> dict[str, Any]:
    """Return a map as plain data."""
    texts = export.texts

    def typical(group: int, one: Typical) -> dict[str, Any]:
        return {
            "group": group, "statement": one.statement, "text": texts.get(one.statement, ""), "direction": "agree" if one.direction > 0 else "disagree",
            "votes": one.votes, "seen": one.seen, "share": round(one.share, 4), "times_the_others": round(one.surer_than_others, 4),
        }  # fmt: skip

    def common(one: Common) -> dict[str, Any]:
        return {
            "statement": one.statement, "text": texts.get(one.statement, ""), "direction": "agree" if one.direction > 0 else "disagree",
            "votes": one.votes, "seen": one.seen, "share": round(one.share, 4), "least_in_a_group": round(one.least, 4),
        }  # fmt: skip

    both = [name for name in found.groups if name in export.published]
    published = {
        "groups": len(set(export.published.values())), "participants": len(export.published), "in_both": len(both),
        "adjusted_rand_index": round(opinionmap.rand_index(
            [found.groups[name] for name in both], [sorted(set(export.published.values())).index(export.published[name]) for name in both]
        ), 4),
    } if both else None  # fmt: skip
    return {
        "participants": len(export.votes.participants),
        "statements_voted_on": len(export.votes.statements),
        "left_out_by_moderation": len(export.votes.left_out),
        "signs_turned": export.turned,
        "grouped": len(found.groups),
        "group_count": found.count,
        "group_sizes": found.sizes,
        "silhouettes": {number: round(value, 4) for number, value in found.silhouettes.items()},
        "explained": [round(share, 4) for share in found.explained],
        "groups": found.groups,
        "statements": [typical(group, one) for group, kept in found.typical.items() for one in kept],
        "consensus": [common(one) for one in found.common],
        "dividing": [{"statement": code, "text": texts.get(code, "")} for code in found.dividing],
        "published": published,
    }
