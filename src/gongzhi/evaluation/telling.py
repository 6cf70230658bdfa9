"""Findings in words, in the reader's language: a short title and the figures that it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries as cases
from gongzhi.evaluation import words
from gongzhi.evaluation.models import Finding
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor

ICONS = {"closed_early": "alarm-clock", "repeat_place": "rotate-ccw", "bouncing": "undo-2", "unequal_service": "scale", "bottleneck": "timer"}


@dataclass(frozen=True, slots=True)
class Told:
    """A finding ready for the page. `share` is what part of its cases show it, 0…100, where a bar can say so."""

    finding: Finding
    title: str
    text: str
    icon: str
    share: float | None
    owner: str
    sure: int  # percent, never rounded up to 100
    map_url: str = ""


def tell(*, seen_by: Actor, found: Iterable[Finding]) -> list[Told]:
    """Return findings in words; names of units, categories and places are those of today."""
    rows = list(found)
    english = words.is_english()
    named = organs.organs_by_id(seen_by=seen_by, organ_ids=[one.organ_id for one in rows])
    organ_words = {pk: (organ.name_en if english else "") or organ.name for pk, organ in named.items()}
    categories = cases.remembered_categories(seen_by=seen_by)
    areas = {area.pk: area.name for area in territory.present_areas(seen_by=seen_by)}
    told = []
    for one in rows:
        title, text, share, url = _said(seen_by, one, one.figures, categories, areas)
        told.append(Told(one, title, text, ICONS[one.sort], share, organ_words.get(one.organ_id or 0, ""), min(99, int(one.sureness * 100)), url))
    return told


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


Said = tuple[str, str, float | None, str]  # title, text, share in percent, address of a map


def _said(seen_by: Actor, one: Finding, it: dict[str, Any], categories: Any, areas: dict[int, str]) -> Said:
    category = str(categories[it["category"]].label) if it.get("category") in categories else ""
    area = areas.get(it.get("area", 0), "")
    match one.sort:
        case Finding.Sort.CLOSED_EARLY:
            return (
                _("In time, but not solved"),
                _("Of %(n)s cases closed in the last tenth of their time, %(back)s came back (%(share)s %%); of all others %(others)s %%.")
                % {"n": it["n"], "back": it["back"], "share": _percent(it["back"], it["n"]), "others": _percent(it["others_back"], it["others"])},
                100 * it["back"] / it["n"], "",
            )  # fmt: skip
        case Finding.Sort.REPEAT_PLACE:
            return (
                _("%(category)s: again and again in %(area)s") % {"category": category, "area": area},
                _("%(back)s of %(n)s closed cases came up again within 30 days.") % {"n": it["n"], "back": it["back"]},
                100 * it["back"] / it["n"], "",
            )  # fmt: skip
        case Finding.Sort.BOUNCING:
            return (
                _("%(category)s: sent back and forth") % {"category": category},
                _("%(sent)s of %(n)s cases were sent back, %(times)s times altogether.") % {"n": it["n"], "sent": it["sent"], "times": it["times"]},
                100 * it["sent"] / it["n"], "",
            )  # fmt: skip
        case Finding.Sort.UNEQUAL_SERVICE:
            return (
                _("People in %(area)s wait longer") % {"area": area},
                _("Half of %(n)s cases took more than %(days)s days, elsewhere %(others)s days.")
                % {"n": it["n"], "days": it["days"], "others": it["others_days"]},
                None, "",
            )  # fmt: skip
    acts, _stages = words.acts_and_stages(seen_by=seen_by, kind=it["kind"])
    known = {kind.code: kind.title for kind in kinds.kinds()}
    return (
        _("%(kind)s: stuck between “%(from)s” and “%(to)s”")
        % {"kind": known.get(it["kind"], it["kind"]), "from": words.word(acts, it["from"]), "to": words.word(acts, it["to"])},
        _("In %(half)s of %(n)s cases more than half of all time went into this one step; half of them took more than %(time)s there.")
        % {"half": it["half"], "n": it["n"], "time": words.span(it["hours"])},
        100 * it["half"] / it["n"], f"/evaluation/processes/{it['kind']}/",
    )  # fmt: skip
