"""`./gongzhi import items FILE.csv`: a list of matters as drafts; every row is accounted for."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from gongzhi.kernel import sheets
from gongzhi.kernel.actors import system
from gongzhi.kernel.takers import Taker, register
from gongzhi.service_line.applications import content, operations

COLUMNS = ("department", "main_item", "name", "item_code", "task_type")


def _arguments(parser: Any) -> None:
    parser.add_argument("file", type=Path, help=f"CSV (UTF-8 or GB18030) or XLSX with the columns {', '.join(COLUMNS)}")
    parser.add_argument("--units", type=Path, help="YAML: which department of the town each name of the list means (name: code)")
    parser.add_argument("--unit", default="", help="code of the department for names that --units leaves out")
    parser.add_argument("--family", default="business", choices=sorted(content.FAMILIES), help="family that the drafts begin with")
    parser.add_argument("--town", help="code of the town (default: the default town)")


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a list by the names of its columns; raise BadFile where a column lacks."""
    lines = sheets.rows(path)
    _number, head = next(lines, (0, []))
    names = [str(cell or "").strip() for cell in head]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise sheets.BadFile(f"the file has no column {', '.join(missing)}")
    for _number, cells in lines:
        if not sheets.is_blank(cells):
            yield {name: str(cell if cell is not None else "").strip() for name, cell in zip(names, cells, strict=False)}


def _units(given: dict[str, Any], listed: list[dict[str, str]]) -> dict[str, str]:
    told = yaml.safe_load(given["units"].read_text(encoding="utf-8")) if given["units"] else {}
    if not isinstance(told, dict):
        raise sheets.BadFile("--units must be a mapping: name of the list: code of the department")
    units = {str(name): str(code) for name, code in told.items()}
    if given["unit"]:
        for row in listed:
            units.setdefault(row["department"], given["unit"])
    return units


def _take(given: dict[str, Any], at: datetime, write: Callable[[str], object]) -> None:
    listed = list(rows(given["file"]))
    taken = operations.import_items(by=system("import"), at=at, rows=listed, units=_units(given, listed), family=given["family"])
    refused = [{"row": row, "field": field, "why": why} for row, field, why in taken.refused]
    write(json.dumps({"rows": len(listed), "added": taken.added, "known": taken.known, "refused": refused}, ensure_ascii=False, indent=1))


register(Taker(code="items", help="a CSV or XLSX list of matters, taken over as drafts; every row is accounted for", arguments=_arguments, take=_take))
