"""Surface water: class by the worst single item (GB 3838), with the item that decides."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.management_line.sensing import units as measures
from gongzhi.management_line.standards.edition import CannotAssess, Clause, Judgement, Why, against, chosen, number, why
from gongzhi.management_line.standards.tables import water as tables
from gongzhi.management_line.standards.tables.water import FACTORS, Item, SurfaceEdition

WORSE_THAN_V = 6
NAMES = {
    1: pgettext_lazy("water class", "Class I"),
    2: pgettext_lazy("water class", "Class II"),
    3: pgettext_lazy("water class", "Class III"),
    4: pgettext_lazy("water class", "Class IV"),
    5: pgettext_lazy("water class", "Class V"),
    6: pgettext_lazy("water class", "Worse than class V"),
}
BODIES = ("river", "lake")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemClass:
    """One item's class, 1 to 5, or 6 for worse than V. `limit` is that of the class reached, of class V when it is worse."""

    item: str
    label: Any
    value: float
    unit: str
    number: int
    limit: float
    counts: bool
    clause: Clause
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterClass:
    """A body's class: that of its worst item. `deciding` are those items, none in class I; `apart` were left out of the decision."""

    number: int | None
    name: Any
    body: str
    items: tuple[ItemClass, ...]
    deciding: tuple[str, ...]
    apart: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    keeps: bool | None
    clause: Clause
    why: Why


def assess(
    values: Mapping[str, float | None], *, on: date, body: str = "river", target: int | None = None, saturation: float | None = None,
    units: Mapping[str, str] | None = None, apart: Collection[str] = (), edition: str | None = None,
) -> WaterClass:  # fmt: skip
    """Return the class of a river or lake from concentrations in mg/L (keys: pH DO COD NH3-N TP ..., or HJ 212 codes).

    target is the class that the body shall reach: each item is judged against it with its times over, except pH and oxygen.
    saturation is the oxygen saturation in percent: 90 % and more is class I for oxygen. `apart` names further items that shall not decide.
    Raises CannotAssess for an unknown item, a negative value, a body that is neither river nor lake.
    """
    table = chosen(tables.SURFACE, on, edition)
    if body not in BODIES:
        raise CannotAssess(_now("A water body is a river or a lake, not “%(body)s”.") % {"body": body})
    if target is not None and target not in range(1, 6):
        raise CannotAssess(_now("The target class must be 1 to 5, not “%(target)s”.") % {"target": target})
    left_out = table.left_out[body]
    items, judgements, skipped = [], [], []
    for key, value in values.items():
        code = FACTORS.get(key, key)
        if code == "temperature":
            skipped.append(code)
            continue
        row = _row(table, code, body)
        if value is None or value != value:
            continue
        amount = number(value, code)
        if units and key in units and row.unit:
            amount = measures.convert(amount, units[key], row.unit)
        if amount < 0:
            raise CannotAssess(_now("%(item)s: the concentration %(value)s is negative.") % {"item": code, "value": value})
        counts = code not in left_out and code not in apart
        if not counts:
            skipped.append(code)
        one = _item(table, row, amount, counts, saturation if code == "DO" else None)
        items.append(one)
        if target is not None and counts:
            judgements.append(_judged(table, row, one, target))
    counted = [one for one in items if one.counts]
    clause = table.at(table.table)
    made = partial(WaterClass, body=body, items=tuple(items), apart=tuple(skipped), judgements=tuple(judgements), clause=clause)
    if not counted:
        return made(number=None, name="", deciding=(), keeps=None, why=why(_("No item that decides the class was measured (%(clause)s)."), clause=clause))
    worst = max(one.number for one in counted)
    deciding = tuple(one.item for one in counted if one.number == worst) if worst > 1 else ()
    if deciding:
        labels = tuple(one.label for one in counted if one.number == worst)
        sentence = why(_("The worst single item decides: %(items)s — %(name)s (%(clause)s)."), items=labels, name=NAMES[worst], clause=clause)
    else:
        sentence = why(_("All items measured keep class I (%(clause)s)."), clause=clause)
    keeps = None if target is None else all(one.keeps is not False for one in judgements)
    return made(number=worst, name=NAMES[worst], deciding=deciding, keeps=keeps, why=sentence)


def _row(table: SurfaceEdition, code: str, body: str) -> Item:
    for row in table.items:
        if row.code == code and row.body in ("", body):
            return row
    raise CannotAssess(_now("%(code)s has no item “%(item)s”.") % {"code": table.code, "item": code})


def _item(table: SurfaceEdition, row: Item, value: float, counts: bool, saturation: float | None) -> ItemClass:
    clause = table.at(table.table)
    words = {"item": row.label, "value": value, "unit": row.unit, "clause": clause}
    given = {"item": row.code, "label": row.label, "value": value, "unit": row.unit, "counts": counts, "clause": clause}
    if row.low is not None:
        found = 1 if row.low <= value <= row.limits[0] else WORSE_THAN_V
        limit = row.limits[0] if value >= row.low else row.low
        if found == 1:
            text = _("%(item)s %(value)s lies within %(low)s to %(high)s, the range of all classes (%(clause)s).")
        else:
            text = _("%(item)s %(value)s lies outside %(low)s to %(high)s, the range of all classes (%(clause)s).")
        return ItemClass(number=found, limit=limit, why=why(text, low=row.low, high=row.limits[0], **words), **given)
    if saturation is not None and saturation >= table.saturation:
        sentence = why(
            _("%(item)s is saturated to %(saturation)s %%, class I from %(least)s %% (%(clause)s)."), saturation=saturation, least=table.saturation, **words
        )
        return ItemClass(number=1, limit=row.limits[0], why=sentence, **given)
    # where two classes share a limit the better one is taken: the first that fits
    found = next((place for place, limit in enumerate(row.limits, 1) if (value >= limit if row.more_is_better else value <= limit)), WORSE_THAN_V)
    limit = row.limits[min(found, 5) - 1]
    words |= {"limit": limit, "name": NAMES[found]}
    if found == WORSE_THAN_V:
        text = _("%(item)s %(value)s %(unit)s misses %(limit)s, the limit of class V (%(clause)s).")
    elif row.more_is_better:
        text = _("%(item)s %(value)s %(unit)s: at least %(limit)s is %(name)s (%(clause)s).")
    else:
        text = _("%(item)s %(value)s %(unit)s: at most %(limit)s is %(name)s (%(clause)s).")
    return ItemClass(number=found, limit=limit, why=why(text, **words), **given)


def _judged(table: SurfaceEdition, row: Item, one: ItemClass, target: int) -> Judgement:
    limit = float(row.limits[target - 1])
    if row.low is None and not row.more_is_better:
        return against(item=row.code, label=row.label, value=one.value, limit=limit, unit=row.unit, clause=one.clause)
    # pH and oxygen have no "times over"
    return Judgement(
        item=row.code, value=one.value, limit=limit if row.low is None else one.limit, unit=row.unit, keeps=one.number <= target, clause=one.clause, why=one.why
    )
