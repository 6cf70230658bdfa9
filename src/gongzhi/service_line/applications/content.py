"""What the version of an item says, as data: read it, name every fault. Pure.

code: JY-02
unit: market                       # code of the department
family: business                   # business | tax | ecology | planning
title: {zh: 食品经营许可（小餐饮）, en: Food business permit (small restaurant)}
summary: {zh: …, en: …}
power: permit                      # permit | confirmation | benefit | reward | ruling | filing | service | other
applicants: [person, firm]
basis: 食品安全法第三十五条
conditions: {zh: …, en: …}         # one a line
words: [开饭馆, 餐饮证]              # how people say it
life: [open_business]              # events of life
firm_stage: start                  # start | run | grow | end, or nothing
result: 食品经营许可证
fee: 不收费
place: …, hours: …, appeal: …
pattern: promise                   # see patterns.py
statutory: 20                      # working days
promised: 3
promise: {zh: …}                   # what the applicant promises (pattern promise)
years: 5                           # how long the result holds; nothing: without end
form: […]                          # vocabulary.py
materials: [{code: layout, title: {zh: 厨房布局图}, later: false, when: {…}, from: firm.code, help: {zh: …}}]
branches: [{code: fire, unit: fire, title: {zh: 消防意见}, days: 5, when: {…}}]
parts: [JY-03, JY-04]              # of a bundle: codes of the items that it opens
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.service_line.applications import patterns, vocabulary

FAMILIES: dict[str, Any] = {
    "business": _("Business and personnel"), "tax": _("Tax and finance"), "ecology": _("Environment and health"), "planning": _("Planning and land"),
}  # fmt: skip
POWERS: dict[str, Any] = {
    "permit": _("administrative permit"), "confirmation": _("administrative confirmation"), "benefit": _("administrative benefit"),
    "reward": _("administrative reward"), "ruling": _("administrative ruling"), "filing": _("filing for the record"), "service": _("public service"),
    "other": _("other administrative power"),
}  # fmt: skip
LIFE: dict[str, Any] = {
    "birth": _("A child is born"), "school": _("Going to school"), "work": _("Coming here to work"), "home": _("Buying or renting a home"),
    "health": _("Illness and care"), "retire": _("Retirement"), "open_business": _("Opening a shop"), "build": _("Building something"),
}  # fmt: skip
STAGES: dict[str, Any] = {"start": _("Starting"), "run": _("Running"), "grow": _("Growing"), "end": _("Winding up")}
APPLICANTS: dict[str, Any] = {"person": _("persons"), "firm": _("firms")}
_ALLOWED = frozenset({
    "code", "unit", "family", "title", "summary", "power", "applicants", "basis", "conditions", "words", "life", "firm_stage", "result", "fee", "place",
    "hours",
    "appeal", "pattern", "statutory", "promised", "promise", "years", "form", "materials", "branches", "parts",
})  # fmt: skip


class BadContent(ValueError):
    """What the version says cannot be used; `faults` names each place and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """A paper that a matter asks for. later: it may follow after admission; when: asked only with these answers; source: the town has it itself."""

    code: str
    title: dict[str, str]
    later: bool
    when: dict[str, Any]
    source: str
    help: dict[str, str]
    optional: bool

    def words(self, language: str) -> str:
        return vocabulary.in_language(self.title, language)

    def hint(self, language: str) -> str:
        return vocabulary.in_language(self.help, language) if self.help else ""


def draft_purpose(code: str, organ_id: int | None) -> str:
    """Return under what purpose the draft of an application is kept."""
    return f"application:{code}:{organ_id or ''}"[:100]


def materials(raw: Any, values: Mapping[str, Any] | None = None) -> list[MaterialRule]:
    """Return the papers of a version that was read before; with `values`, those that these answers ask for."""
    found = [
        MaterialRule(
            code=str(one["code"]), title=vocabulary._title(one["title"]), later=bool(one.get("later")), when=dict(one.get("when") or {}),
            source=str(one.get("from") or ""), help=vocabulary._title(one.get("help")), optional=bool(one.get("optional")),
        )
        for one in raw
    ]  # fmt: skip
    if values is None:
        return found
    return [one for one in found if all(vocabulary._meets(values.get(name), wanted) for name, wanted in one.when.items())]


def faults_of(raw: Mapping[str, Any]) -> list[str]:
    """Return everything that keeps a version from being used; none for one that can."""
    faults = [f"{name}: is nothing that an item says" for name in sorted(set(raw) - _ALLOWED)]
    if not vocabulary._title(raw.get("title")):
        faults.append("title: needs a Chinese title (zh)")
    for name, known in (("family", FAMILIES), ("power", POWERS), ("pattern", patterns.FILE)):
        if raw.get(name) not in known:
            faults.append(f"{name}: must be one of {', '.join(known)}")
    for name, many in (("life", LIFE), ("applicants", APPLICANTS)):
        given = raw.get(name) or []
        if not isinstance(given, list) or set(given) - set(many):
            faults.append(f"{name}: must be a list of {', '.join(many)}")
    if not raw.get("applicants"):
        faults.append("applicants: say who may apply")
    if raw.get("firm_stage") and raw["firm_stage"] not in STAGES:
        faults.append(f"firm_stage: must be one of {', '.join(STAGES)}")
    if not str(raw.get("basis") or "").strip():
        faults.append("basis: needs the law that it rests on")
    statutory, promised = raw.get("statutory"), raw.get("promised")
    if not _is_days(statutory) or not _is_days(promised):
        faults.append("statutory, promised: whole numbers of working days, 1 to 365")
    elif promised > statutory:  # type: ignore[operator]
        faults.append("promised: is longer than the statutory limit")
    try:
        fields = vocabulary.read(raw.get("form") or [])
    except vocabulary.BadForm as error:
        faults += error.faults
        fields = ()
    codes = {one.code for one in fields}
    faults += _list_faults(raw.get("materials") or [], "materials", codes)
    faults += _list_faults(raw.get("branches") or [], "branches", codes)
    faults += [f"branches[{n}].unit: needs the code of a department" for n, one in enumerate(raw.get("branches") or []) if not one.get("unit")]
    if raw.get("branches") and raw.get("pattern") in ("instant", "promise", "bundle"):
        faults.append("branches: what is done at once, on a promise or as a bundle asks no departments")
    if raw.get("pattern") == "parallel" and len(raw.get("branches") or []) < 2:
        faults.append("branches: side by side needs at least two")
    if raw.get("pattern") == "bundle" and len(raw.get("parts") or []) < 2:
        faults.append("parts: a bundle needs at least two items")
    if raw.get("pattern") != "bundle" and raw.get("parts"):
        faults.append("parts: only a bundle has parts")
    if raw.get("pattern") == "promise" and not vocabulary._title(raw.get("promise")):
        faults.append("promise: say what the applicant promises (zh)")
    return faults


def _is_days(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 365


def _list_faults(raw: Any, name: str, fields: set[str]) -> list[str]:
    if not isinstance(raw, list):
        return [f"{name}: must be a list"]
    found, codes = [], set()
    for n, one in enumerate(raw):
        here = f"{name}[{n}]"
        if not isinstance(one, dict):
            found.append(f"{here}: must be a mapping")
            continue
        code = str(one.get("code", ""))
        if not vocabulary._CODE.match(code) or code in codes:
            found.append(f"{here}.code: small letters, digits and _, at most 30, each but once")
        codes.add(code)
        if not vocabulary._title(one.get("title")):
            found.append(f"{here}.title: needs a Chinese title (zh)")
        found += [f"{here}.when.{field}: the form has no such field" for field in one.get("when") or {} if field not in fields]
    return found
