"""A file of firms or persons against a file of benefits, line by line, so that anybody can try a policy before proposing it. No database.

Columns of the CSV are codes of the fields of the subject (foundation/criteria); `id`, `code` or `name` names the row. Empty is not known; several
values of a list have semicolons between them; yes and no, true and false, 1 and 0, 是 and 否 are flags. A column `ask:<code>` holds what somebody confirms.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from gongzhi.foundation.criteria import language, masks
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.language import Asked, Clause, Count, Group, Node
from gongzhi.foundation.criteria.subjects import Field, Sort
from gongzhi.registers.benefits import definitions, matching
from gongzhi.registers.benefits.definitions import BadBenefit, Benefit
from gongzhi.registers.book import money

NAMES = ("id", "code", "name")
FLAGS = {"yes": True, "true": True, "1": True, "是": True, "no": False, "false": False, "0": False, "否": False}
ANSWERS = {1: "yes", 0: "no", -1: "unknown"}
MOST_BYTES = 200_000_000


class BadFile(ValueError):
    """A file cannot be used; `faults` are (place, sentence)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{place}: {words}" for place, words in faults))


class _Loader(yaml.SafeLoader):
    """YAML with numbers as they are written, so that a third decimal is seen."""


_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: _number(loader.construct_scalar(node)))  # type: ignore[arg-type]


def _number(text: Any) -> Any:
    try:
        return Decimal(str(text).replace("_", ""))
    except ArithmeticError:
        return str(text)


def benefits_of(file: Path) -> tuple[list[Benefit], dict[str, language.Parameter]]:
    """Return the benefits of a YAML file, and its parameters (`parameters: {code: {unit, value}}`); raise BadBenefit or BadFile."""
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, OSError, RecursionError) as error:
        raise BadFile([(str(file), " ".join(str(error).split())[:300])]) from error
    parameters = parameters_of(raw)
    return definitions.read_all(raw, parameters), parameters


def parameters_of(raw: Any) -> dict[str, language.Parameter]:
    """Return the dated values of a file: {code: {unit: CNY/month, value: 2000}} holds always."""
    given = raw.get("parameters", {}) if isinstance(raw, dict) else {}
    faults: list[tuple[str, str]] = []
    found = {}
    for code, one in given.items() if isinstance(given, dict) else ():
        try:
            language.units.measure(str(one["unit"]))
            value = language.number(one["value"])
            found[str(code)] = language.Parameter(str(code), str(one.get("title", code)), str(one["unit"]), ((definitions.FIRST_DAY, value),))
        except (KeyError, TypeError, language.BadValue, language.units.BadUnit):
            faults.append((f"parameters/{code}", _("a parameter has a known unit and a value")))
    if faults:
        raise BadBenefit(faults)
    return found


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file: what each is called, its values by field, what was confirmed by question."""

    names: list[str]
    values: list[dict[str, Any]]
    confirmed: dict[str, list[bool | None]]


def rows_of(file: Path, subject: str) -> Rows:
    """Return the rows of a CSV file in UTF-8 or GB18030; raise BadFile with the place of everything that cannot be used (at most 20)."""
    about = registry.subject(subject)
    assert about is not None
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadFile([(str(file), str(error))]) from error
    if len(data) > MOST_BYTES:
        raise BadFile([(str(file), _("it is larger than 200 MB"))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.reader(text.splitlines(keepends=True))
    try:
        head = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile([("1", str(error))]) from error
    fields: dict[int, Field] = {}
    asks: dict[int, str] = {}
    faults: list[tuple[str, str]] = []
    for place, name in enumerate(head):
        field = about.field(name)
        if field is not None and field.sort is not Sort.LIST:
            fields[place] = field
        elif name.startswith("ask:"):
            asks[place] = name[4:]
        elif name not in NAMES:
            faults.append((f"1:{name or place + 1}", _("there is no field %(code)s") % {"code": name[:40]}))
    if len(set(head)) != len(head):
        faults.append(("1", _("two columns have the same name")))
    if faults:
        raise BadFile(faults)
    called = next((head.index(name) for name in NAMES if name in head), None)
    found = Rows([], [], {code: [] for code in asks.values()})
    try:
        for number, row in enumerate(reader, start=2):
            if not any(part.strip() for part in row):
                continue
            if len(row) != len(head):
                faults.append((str(number), _("it has %(n)s columns, the first line has %(m)s") % {"n": len(row), "m": len(head)}))
                continue
            values: dict[str, Any] = {}
            for place, field in fields.items():
                try:
                    values[field.code] = _value(field, row[place].strip())
                except language.BadValue as bad:
                    faults.append((f"{number}:{field.code}", str(bad)))
            for place, code in asks.items():
                found.confirmed[code].append(FLAGS.get(row[place].strip().lower()))
            found.names.append(row[called].strip() if called is not None else str(number - 1))
            found.values.append(values)
            if len(faults) >= 20:
                break
    except csv.Error as error:
        faults.append((str(reader.line_num), str(error)))
    if faults:
        raise BadFile(faults)
    return found


def _value(field: Field, text: str) -> Any:
    if not text:
        return None
    value: Any = text
    if field.sort is Sort.FLAG:
        if text.lower() not in FLAGS:
            raise language.BadValue(_("yes or no is needed"))
        value = FLAGS[text.lower()]
    elif field.sort in (Sort.CODES, Sort.CHOICES):
        value = frozenset(part.strip() for part in text.replace("；", ";").split(";") if part.strip())
    elif field.sort is Sort.NUMBER and text.isascii() and text.isdigit() and len(text) <= 13:
        value = int(text)
    language.held(field, value)
    return value


def _leaves(node: Node) -> list[Node]:
    return [one for one in language.walk(node) if not isinstance(one, Group)]


class _Held:
    """The values of rows as people read them; each distinct value is put into words once."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.kept: dict[tuple[str, Any], str] = {}

    def words(self, node: Node, row: int) -> str:
        if isinstance(node, Asked):
            given = self.rows.confirmed.get(node.code)
            answer = given[row] if given else None
            return "" if answer is None else _("yes") if answer else _("no")
        assert isinstance(node, Clause | Count)
        raw = self.rows.values[row].get(node.about.code)
        if raw is None:
            return ""
        key = (node.about.code, raw)
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = language.value_words(node.about, language.held(node.about, raw))
        return found


def lines(benefits: Sequence[Benefit], rows: Rows, *, on: date, parameters: language.Parameters | None = None) -> Iterator[dict[str, Any]]:
    """Yield for each row and benefit: who, which, on which day, yes, no or unknown, each clause with its value, what is paid.

    A benefit that does not hold on the day yet is judged on its first day, one that is over on its last.
    """
    known = parameters or {}
    days = [min(max(on, one.starts_on), one.ends_on or definitions.LAST_DAY) for one in benefits]
    table = masks.Table(rows.values, rows.confirmed)
    held = _Held(rows)
    found: list[tuple[Any, list[tuple[Node, str, Any, Any]]] | None] = [None] * len(benefits)
    for day in sorted(set(days)):
        places = [place for place, one in enumerate(days) if one == day]
        compiler = masks.Compiler(table, day, known)
        matched = matching.match([benefits[place] for place in places], table, on=day, parameters=known)
        answers = matched.answers()
        for index, place in enumerate(places):
            clauses = []
            for node in _leaves(benefits[place].node):
                yes, no = compiler.masks(node)
                clauses.append((node, language.words(node, known, day), yes, no))
            found[place] = ((answers[index], matched.states[index], matched.cents[index]), clauses)
    for row, name in enumerate(rows.names):
        for place, benefit in enumerate(benefits):
            told = found[place]
            assert told is not None
            (answer, state, cents), clauses = told
            line: dict[str, Any] = {
                benefit.subject: name, "benefit": benefit.code, "on": days[place].isoformat(), "answer": ANSWERS[int(answer[row])],
                "clauses": [
                    {"words": words, "answer": "yes" if yes[row] else "no" if no[row] else "unknown", "value": held.words(node, row) or None}
                    for node, words, yes, no in clauses
                ],
            }  # fmt: skip
            if state[row] == matching.ENTITLED:
                line["yuan"] = str(money.yuan(int(cents[row])))
            elif state[row] == matching.BESIDE:
                line["beside"] = True
            yield line
