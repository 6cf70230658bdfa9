"""The form of a matter as data, in a small vocabulary of its own: read it, give its JSON Schema, read and judge answers. Pure.

A form is a list of fields (YAML or the same as JSON):

    - {code: shop, title: {zh: 店名, en: Name of the shop}, kind: text, most: 60, help: {zh: 招牌上的字}}
    - {code: sells, title: {zh: 卖什么}, kind: choices, choices: {hot: 热食, drinks: {zh: 现制饮品, en: Drinks}}}
    - {code: bar_area, title: {zh: 饮品操作区多大}, kind: number, unit: 平方米, least: 3, when: {sells: drinks}}
    - {code: holder, title: {zh: 经营者}, kind: text, from: person.name}

choices: value: words, or pairs [value, words], in the order in which they are shown.
kind: text | long | number | whole | date | choice | choices | yes (must be agreed to) | flag (yes or no).
pattern: phone | credit_code | id_card | postcode | email. Patterns are named, never written: a raw one can be made to run for ever.
when: the field is asked only where each named field has the value, one of a list, or lies within {at_least, at_most}.
from: what the town holds of it (`holding.py`); such a value is shown and not asked. optional: may be left empty. group: heading above it.

The same vocabulary gives the page its fields and the API its schema (JSON Schema 2020-12, conditions as if/then), and answers by
both ways are judged by that schema. Answers to fields that are not asked are dropped before.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator

from gongzhi.cases.procedure import in_language
from gongzhi.foundation.people.masking import is_identity_number
from gongzhi.kernel import moments, numbers
from gongzhi.registers.firms import codes as credit_codes

KINDS = frozenset({"text", "long", "number", "whole", "date", "choice", "choices", "yes", "flag"})
MOST_FIELDS = 80
PATTERNS: dict[str, str] = {
    "phone": r"^(\+?86)?(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})$",
    "credit_code": r"^[0-9A-HJ-NPQRTUWXY]{18}$",
    "id_card": r"^[1-9][0-9]{16}[0-9X]$",
    "postcode": r"^[0-9]{6}$",
    "email": r"^[^@\s]{1,64}@[^@\s]{1,180}$",
}
PATTERN_WORDS: dict[str, Any] = {
    "phone": _("This is not a telephone number: a mobile number of 11 digits, or a fixed one with its area code."),
    "credit_code": _("This is not a unified social credit code: 18 characters, the last one checks the others."),
    "id_card": _("This is not an identity number: 18 characters, the last one checks the others."),
    "postcode": _("A postcode has 6 digits."),
    "email": _("This is not an e-mail address."),
}
_CODE = re.compile(r"^[a-z][a-z0-9_]{0,29}$")


class BadForm(ValueError):
    """The definition of a form cannot be used; `faults` names each place and what is wrong with it."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form."""

    code: str
    title: dict[str, str]
    kind: str
    help: dict[str, str] = field(default_factory=dict)
    choices: tuple[tuple[str, dict[str, str]], ...] = ()
    unit: str = ""
    least: float | None = None
    most: float | None = None
    pattern: str = ""
    source: str = ""
    optional: bool = False
    when: dict[str, Any] = field(default_factory=dict)
    group: dict[str, str] = field(default_factory=dict)

    def words(self, language: str) -> str:
        """Return its title in the language, or in Chinese."""
        return in_language(self.title, language)

    def hint(self, language: str) -> str:
        """Return its help in the language, or in Chinese; "" for none."""
        return in_language(self.help, language) if self.help else ""

    def heading(self, language: str) -> str:
        return in_language(self.group, language) if self.group else ""

    def options(self, language: str) -> list[tuple[str, str]]:
        """Return (value, words) of its answers."""
        return [(value, in_language(title, language)) for value, title in self.choices]

    def shown(self, value: Any, language: str) -> str:
        """Return an answer in words."""
        if value in (None, ""):
            return ""
        if self.kind in ("yes", "flag"):
            return str(_("yes") if value else _("no"))
        if self.kind in ("choice", "choices"):
            words = dict(self.options(language))
            given = value if isinstance(value, list) else [value]
            return ("; " if language.startswith("en") else "、").join(words.get(str(one), str(one)) for one in given)
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return f"{text} {self.unit}" if self.unit else text


# ---- reading a form -------------------------------------------------------------------------------------------------
def read(raw: Any) -> tuple[FormField, ...]:
    """Return the fields of a form; raise BadForm with every fault found."""
    if not isinstance(raw, list):
        raise BadForm(["form: must be a list of fields"])
    if len(raw) > MOST_FIELDS:
        raise BadForm([f"form: at most {MOST_FIELDS} fields"])
    faults: list[str] = []
    found: list[FormField] = []
    for n, body in enumerate(raw):
        here = f"form[{n}]"
        if not isinstance(body, dict):
            faults.append(f"{here}: must be a mapping")
            continue
        found.append(_field(body, here, {one.code: one for one in found}, faults))
    if faults:
        raise BadForm(faults)
    return tuple(found)


def known(raw: Any) -> tuple[FormField, ...]:
    """Return the fields of a form that was read before (an adopted version never changes, so it is kept once read)."""
    return _known(json.dumps(raw, sort_keys=True))


@lru_cache(maxsize=600)
def _known(text: str) -> tuple[FormField, ...]:
    return read(json.loads(text))


def in_order(choices: Any) -> list[list[Any]]:
    """Return answers as pairs, value and words: the database keeps JSON without the order of its keys. Nothing for what is neither form."""
    if isinstance(choices, dict):
        return [[value, words] for value, words in choices.items()]
    if isinstance(choices, list) and all(isinstance(one, list | tuple) and len(one) == 2 for one in choices):
        return [list(one) for one in choices]
    return []


def _title(value: Any) -> dict[str, str]:
    if isinstance(value, str) and value.strip():
        return {"zh": value.strip()}
    if isinstance(value, dict) and value.get("zh"):
        return {str(key): str(words) for key, words in value.items() if words}
    return {}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _field(body: dict[str, Any], here: str, before: Mapping[str, FormField], faults: list[str]) -> FormField:
    code, kind = str(body.get("code", "")), str(body.get("kind", "text"))
    if not _CODE.match(code) or code in before:
        faults.append(f"{here}.code: small letters, digits and _, at most 30, each but once")
    title = _title(body.get("title"))
    if not title:
        faults.append(f"{here}.title: needs a Chinese title (zh)")
    if kind not in KINDS:
        faults.append(f"{here}.kind: must be one of {', '.join(sorted(KINDS))}")
    choices: list[tuple[str, dict[str, str]]] = []
    given = body.get("choices")
    if kind in ("choice", "choices"):
        pairs = in_order(given)
        if not pairs:
            faults.append(f"{here}.choices: needs its answers, value: words")
        else:
            choices = [(str(value), _title(words)) for value, words in pairs]
            if not all(words for _value, words in choices):
                faults.append(f"{here}.choices: each answer needs Chinese words")
    pattern = str(body.get("pattern") or "")
    if pattern and pattern not in PATTERNS:
        faults.append(f"{here}.pattern: must be one of {', '.join(sorted(PATTERNS))}")
    least, most = _number(body.get("least")), _number(body.get("most"))
    if least is not None and most is not None and least > most:
        faults.append(f"{here}: least is above most")
    when = body.get("when") or {}
    if not isinstance(when, dict):
        faults.append(f"{here}.when: must be a mapping")
        when = {}
    for name, wanted in when.items():
        faults += _when_faults(here, str(name), wanted, before)
    return FormField(
        code=code, title=title or {"zh": code}, kind=kind, help=_title(body.get("help")), choices=tuple(choices), unit=str(body.get("unit") or ""),
        least=least, most=most, pattern=pattern, source=str(body.get("from") or ""), optional=bool(body.get("optional", False)),
        when={str(key): value for key, value in when.items()}, group=_title(body.get("group")),
    )  # fmt: skip


def _when_faults(here: str, name: str, wanted: Any, before: Mapping[str, FormField]) -> Iterator[str]:
    asked = before.get(name)
    if asked is None:
        yield f"{here}.when.{name}: no field before this one has this code"
        return
    if isinstance(wanted, dict):
        if not wanted or set(wanted) - {"at_least", "at_most"} or asked.kind not in ("number", "whole"):
            yield f"{here}.when.{name}: at_least and at_most of a number"
        return
    values = wanted if isinstance(wanted, list) else [wanted]
    if asked.kind in ("choice", "choices"):
        unknown = [str(one) for one in values if str(one) not in dict(asked.choices)]
        if unknown:
            yield f"{here}.when.{name}: is no answer of it: {', '.join(unknown)}"


# ---- the schema -----------------------------------------------------------------------------------------------------
def schema(fields: Sequence[FormField], trusted: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the form as JSON Schema 2020-12. `trusted`: fields whose value a register gave, masked perhaps: any text will do there."""
    required, conditions = [], []
    for one in fields:
        if one.optional:
            continue
        if not one.when:
            required.append(one.code)
            continue
        asked = {
            "properties": {name: _condition(wanted, next(other for other in fields if other.code == name)) for name, wanted in one.when.items()},
            "required": sorted(one.when),
        }
        conditions.append({"if": asked, "then": {"required": [one.code]}})
    found: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": False,
        "properties": {one.code: {} if one.code in trusted else _property(one) for one in fields}, "required": required,
    }  # fmt: skip
    if conditions:
        found["allOf"] = conditions
    return found


def _condition(wanted: Any, asked: FormField) -> dict[str, Any]:
    if isinstance(wanted, dict):
        return {"minimum": wanted["at_least"]} | ({"maximum": wanted["at_most"]} if "at_most" in wanted else {}) if "at_least" in wanted else {
            "maximum": wanted["at_most"]
        }  # fmt: skip
    values = wanted if isinstance(wanted, list) else [wanted]
    if asked.kind == "choices":
        return {"contains": {"enum": [str(one) for one in values]}}
    return {"enum": [str(one) if asked.kind == "choice" else one for one in values]}


def _property(one: FormField) -> dict[str, Any]:
    found: dict[str, Any] = {"title": one.title["zh"]}
    if one.help:
        found["description"] = one.help["zh"]
    match one.kind:
        case "number" | "whole":
            found["type"] = "integer" if one.kind == "whole" else "number"
            found |= {key: value for key, value in (("minimum", one.least), ("maximum", one.most)) if value is not None}
        case "date":
            found |= {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"}
        case "choice":
            found["enum"] = [value for value, _words in one.choices]
        case "choices":
            found |= {"type": "array", "items": {"enum": [value for value, _words in one.choices]}, "uniqueItems": True}
            if not one.optional:
                found["minItems"] = 1
        case "yes":
            found["const"] = True
        case "flag":
            found["type"] = "boolean"
        case _:
            found |= {"type": "string", "maxLength": int(one.most or (2000 if one.kind == "long" else 200))}
            if not one.optional:
                found["minLength"] = 1
            if one.pattern:
                found["pattern"] = PATTERNS[one.pattern]
    return found


@lru_cache(maxsize=600)
def _validator(text: str) -> Any:
    return Draft202012Validator(json.loads(text))


# ---- answers --------------------------------------------------------------------------------------------------------
def is_asked(one: FormField, values: Mapping[str, Any]) -> bool:
    """Return whether the other answers let this field be asked."""
    return all(_meets(values.get(name), wanted) for name, wanted in one.when.items())


def _meets(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return wanted.get("at_least", value) <= value <= wanted.get("at_most", value)
    values = wanted if isinstance(wanted, list) else [wanted]
    if isinstance(value, list):
        return any(one in value or str(one) in value for one in values)
    return any(value == one or (isinstance(value, str) and value == str(one)) for one in values)


def asked(fields: Sequence[FormField], values: Mapping[str, Any]) -> list[FormField]:
    """Return the fields that are asked with these answers; what depends on a field that is not asked is not asked either."""
    found: list[FormField] = []
    standing: dict[str, Any] = {}
    for one in fields:
        if is_asked(one, standing):
            found.append(one)
            if one.code in values:
                standing[one.code] = values[one.code]
    return found


def typed(fields: Sequence[FormField], posted: Any) -> dict[str, Any]:
    """Return answers of an HTML form (a QueryDict) with their types; what cannot be read stays as it was typed, for the schema to refuse."""
    found: dict[str, Any] = {}
    for one in fields:
        if one.kind == "choices":
            found[one.code] = [value for value in posted.getlist(one.code) if value]
            continue
        text = str(posted.get(one.code, "")).strip()
        if one.kind in ("yes", "flag"):
            found[one.code] = text in ("on", "true", "1", "yes")
        elif text:
            found[one.code] = _typed(one, text)
    return found


def _typed(one: FormField, text: str) -> Any:
    if one.kind == "number":
        try:
            return numbers.real(numbers.narrow(text))
        except ValueError:
            return text
    if one.kind == "whole":
        try:
            return numbers.whole(numbers.narrow(text))
        except ValueError:
            return text
    if one.kind == "date":
        found = moments.day_or(text)
        return found.isoformat() if found is not None else text
    if one.pattern in ("phone", "credit_code", "id_card", "postcode"):
        return numbers.narrow(text).replace(" ", "").upper()
    return text


def judge(fields: Sequence[FormField], values: Mapping[str, Any], trusted: frozenset[str] = frozenset()) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers that are asked, and for each field that is wrong one sentence that says what to do."""
    wanted = asked(fields, values)
    by_code = {one.code: one for one in fields}
    kept = {one.code: values[one.code] for one in wanted if values.get(one.code) not in (None, "")}
    kept = {code: value for code, value in kept.items() if not (value == [] and by_code[code].optional)}
    faults: dict[str, str] = {}
    unknown = sorted(set(values) - set(by_code))
    for code in unknown:
        faults[code] = str(_("This matter does not ask for this."))
    validator = _validator(json.dumps(schema(fields, trusted)))
    for error in sorted(validator.iter_errors(kept), key=lambda one: str(list(one.absolute_path))):
        if error.validator == "required":
            for code in sorted(set(error.validator_value) - set(error.instance)):
                faults.setdefault(code, _missing(by_code[code]))
        elif error.absolute_path:
            code = str(error.absolute_path[0])
            faults.setdefault(code, _wrong(by_code[code], error.validator, kept.get(code)))
    for one in wanted:  # what a pattern cannot say
        value = kept.get(one.code)
        if one.code in faults or one.code in trusted or not isinstance(value, str):
            continue
        if (one.pattern == "id_card" and not is_identity_number(value)) or (one.pattern == "credit_code" and not _is_credit_code(value)):
            faults[one.code] = str(PATTERN_WORDS[one.pattern])
        elif one.kind == "date" and moments.day_or(value) is None:
            faults[one.code] = str(_("There is no such day; write it as 2026-12-18."))
    return kept, {code: faults[code] for code in [*(one.code for one in fields), *unknown] if code in faults}


def _is_credit_code(text: str) -> bool:
    try:
        credit_codes.read(text)
    except credit_codes.BadCode:
        return False
    return True


def _missing(one: FormField) -> str:
    if one.kind == "yes":
        return str(_("Please confirm this."))
    return str(_("Please choose an answer.") if one.kind in ("choice", "choices") else _("Please fill this in."))


def _wrong(one: FormField, rule: str, value: Any) -> str:
    shown = f"{value:g}" if isinstance(value, float) else str(value)
    if rule == "minimum":
        return str(_("It is %(value)s now; at least %(least)s is needed.")) % {"value": shown, "least": f"{one.least:g}{one.unit}"}
    if rule == "maximum":
        return str(_("It is %(value)s now; at most %(most)s is possible.")) % {"value": shown, "most": f"{one.most:g}{one.unit}"}
    if rule == "maxLength":
        return str(_("This is too long: at most %(most)d characters.")) % {"most": int(one.most or (2000 if one.kind == "long" else 200))}
    if rule == "pattern" and one.pattern:
        return str(PATTERN_WORDS[one.pattern])
    if one.kind == "date":
        return str(_("There is no such day; write it as 2026-12-18."))
    if one.kind in ("number", "whole"):
        return str(_("Please write a number.") if one.kind == "number" else _("Please write a whole number."))
    if one.kind in ("choice", "choices"):
        return str(_("Please choose one of the answers.") if value else _missing(one))
    return _missing(one)
