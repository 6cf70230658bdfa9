"""How matters go on the engine: from the pattern that an item names, its limits and its departments, one procedure. Pure.

The files in `procedures/` are the patterns; what an item says of itself is written into them: the promised limit, departments that give their
opinion side by side, and for renewals that silence grants (行政许可法第五十条).
"""

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).with_name("procedures")
FILE = {
    "instant": "instant", "promise": "instant", "tolerant": "ordinary", "ordinary": "ordinary", "parallel": "ordinary", "renewal": "ordinary",
    "benefit": "ordinary", "bundle": "bundle",
}  # fmt: skip
WORDS: dict[str, Any] = {
    "instant": _("done at once"), "promise": _("on a promise"), "tolerant": _("what is missing may follow"), "ordinary": _("with a limit"),
    "parallel": _("departments side by side"), "bundle": _("several matters by one application"), "renewal": _("renewal"), "benefit": _("benefit"),
}  # fmt: skip


@cache
def _file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def definition(pattern: str, *, days: int, basis: str, branches: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the procedure of an item: `days` are the promised working days; `branches`: {code, unit (an organ's code), title, days, when}."""
    raw = copy.deepcopy(_file(FILE[pattern]))
    raw["limit"] = {"amount": days, "unit": "working_days"}
    if basis:
        raw["basis"] = basis[:200]
    stages = raw["stages"]
    if branches:
        stages["examine"] = {
            "title": {"zh": "并联审查", "en": "Departments side by side"}, "state": "in_hand", "owner": "lead", "limit": "case",
            "tasks": [_task(branch) for branch in branches], "join": "all", "outcomes": {"joined": "decide", "withdraw": "end"},
        }  # fmt: skip
        for outcome in ("admit", "admit_by_silence"):
            stages["receive"]["outcomes"][outcome] = "examine"
        raw["clock_starts"] = "examine"
    if pattern == "renewal":
        raw["results"]["deemed"] = {"title": {"zh": "到期未答，视为准予延续", "en": "Not answered in time, deemed renewed"}, "type": "positive", "by": "clock"}
        for code in ("decide", "examine"):
            if code in stages:
                stages[code]["after"] = [{"at": "due", "then": "deemed"}]
                stages[code]["outcomes"]["deemed"] = "end"
    return raw


def _task(branch: Mapping[str, Any]) -> dict[str, Any]:
    task = {
        "code": branch["code"], "unit": f"organ:{branch['unit']}", "asks": "opinion", "title": branch["title"],
        "limit": {"amount": int(branch.get("days", 5)), "unit": "working_days"},
    }  # fmt: skip
    if branch.get("when"):
        task["when"] = branch["when"]
    return task
