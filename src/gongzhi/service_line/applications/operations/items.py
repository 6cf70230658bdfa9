"""Acts on the catalogue: a department makes and changes its matters, the committee adopts them. Versions, never edits."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import operations as cases
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.applications import content, patterns, rules, vocabulary
from gongzhi.service_line.applications.facts import ItemAdopted, ItemDefined, ItemDrafted, ItemEnded, ItemsImported
from gongzhi.service_line.applications.models import ItemVersion, ServiceItem

APPEAL = "对决定不服的，可以自收到决定之日起六十日内申请行政复议，或者六个月内提起行政诉讼。"
MOST_ROWS = 5000
CONTENT = (
    "power", "applicants", "basis", "words", "life", "firm_stage", "result", "fee", "place", "hours", "appeal", "pattern", "years", "form", "materials",
    "branches",
    "parts",
)  # fmt: skip


class BadItem(Refused):
    sentence = _("The matter cannot be used like this: %(faults)s")
    field = "content"


class CodeTaken(Refused):
    sentence = _("Another department has a matter with this code.")
    field = "code"


class UnknownUnit(Refused):
    sentence = _("This town has no department with the code %(unit)s.")
    field = "unit"


class NothingToAdopt(Refused):
    sentence = _("There is no draft of this matter to be adopted.")


@operation
def draft_item(*, by: Actor, at: datetime, content_of: Mapping[str, Any], origin_code: str = "") -> ItemVersion:
    """Write what a matter is to say as the draft of its next version; an earlier draft that was not adopted is replaced.

    `content_of`: as `content.py` says. Raises UnknownUnit, CodeTaken, BadItem with every fault at once.
    """
    unit = organs.organ_by_code(seen_by=ANYONE, code=str(content_of.get("unit", "")))
    ensure(rules.may_draft_items, unit.pk if unit is not None else 0)
    if unit is None:
        raise UnknownUnit(unit=content_of.get("unit", ""))
    faults = content.faults_of(content_of)
    code = str(content_of.get("code") or "").strip()
    if not code or len(code) > 60 or "/" in code:
        faults.insert(0, "code: at most 60 letters, without a stroke")
    if faults:
        raise BadItem(faults="; ".join(faults[:12]))
    item = ServiceItem.objects.select_for_update(of=("self",)).filter(code=code).first()
    if item is None:
        item = ServiceItem.objects.create(town_id=current_town(), code=code, organ=unit, family=content_of["family"], made_at=at, origin_code=origin_code[:120])
        record(ItemDefined(subject=ref(item), code=code, organ_id=unit.pk))
    elif item.organ_id != unit.pk:
        raise CodeTaken(item)
    last = item.versions.order_by("-number").first()
    fresh = last if last is not None and last.adopted_at is None else ItemVersion(town_id=current_town(), item=item, number=last.number + 1 if last else 1)
    for name, value in _columns(content_of).items():
        setattr(fresh, name, value)
    fresh.made_by, fresh.made_at = by.ref, at
    fresh.save()
    forget("applications.offered")
    record(ItemDrafted(subject=ref(item), code=code, version=fresh.number))
    return fresh


def _columns(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a version from what was read and found good."""

    def both(name: str) -> tuple[str, str]:
        words = vocabulary._title(raw.get(name))
        return words.get("zh", ""), words.get("en", "")

    found: dict[str, Any] = {name: raw.get(name) for name in CONTENT}
    for name in ("words", "life", "form", "materials", "branches", "parts"):
        found[name] = found[name] or []
    found["form"] = [one | {"choices": vocabulary.in_order(one["choices"])} if "choices" in one else one for one in found["form"]]
    for name in ("firm_stage", "result", "fee", "place", "hours"):
        found[name] = str(found[name] or "")
    found["appeal"] = str(found["appeal"] or APPEAL)
    for name in ("title", "summary", "conditions", "promise"):
        found[name], found[f"{name}_en"] = both(name)
    return found | {"statutory_days": raw["statutory"], "promised_days": raw["promised"]}


@operation
def adopt_item(*, by: Actor, at: datetime, code: str) -> ItemVersion:
    """Adopt the draft of a matter: it is offered from now on, and its procedure with it; running applications stay on theirs.

    Nobody adopts what they made. Raises NothingToAdopt, and what the engine finds wrong with the procedure (a department that the town has not).
    """
    item = ServiceItem.objects.select_for_update(of=("self",)).select_related("organ").get(code=code)
    draft = item.versions.filter(adopted_at__isnull=True).order_by("-number").first()
    ensure(rules.may_adopt_items, draft)
    if draft is None:
        raise NothingToAdopt(item)
    if not draft.basis.strip():
        raise BadItem(faults=str(_("name the law that it rests on")))
    if draft.pattern == "bundle":
        _check_parts(draft)
    definition = patterns.definition(draft.pattern, days=draft.promised_days, basis=draft.basis, branches=draft.branches)
    definition["title"] = {"zh": draft.title, **({"en": draft.title_en} if draft.title_en else {})}
    draft.procedure = cases.adopt_procedure(by=by, at=at, kind="application", variant=item.code, definition=definition, reason=f"{item.code} v{draft.number}")
    draft.adopted_at = at
    draft.save(update_fields=["procedure", "adopted_at"])
    item.current, item.ended_at = draft, None
    item.save(update_fields=["current", "ended_at"])
    forget("applications.offered")
    record(
        ItemAdopted(
            subject=ref(item), code=item.code, version=draft.number, statutory_days=draft.statutory_days, promised_days=draft.promised_days,
            content_hash=_content_hash(draft),
        )
    )  # fmt: skip
    return draft


def _content_hash(version: ItemVersion) -> str:
    """Return the SHA-256 of what a version asks and promises, so that its wording can be proved."""
    told = [
        version.title, version.basis, version.conditions, version.form, version.materials, version.branches, version.statutory_days, version.promised_days,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _check_parts(draft: ItemVersion) -> None:
    known = set(ServiceItem.objects.filter(code__in=draft.parts, current__isnull=False, ended_at__isnull=True).values_list("code", flat=True))
    unknown = [code for code in draft.parts if code not in known]
    if unknown:
        raise BadItem(faults=f"parts: {', '.join(unknown)}")


@operation
def end_item(*, by: Actor, at: datetime, code: str) -> ServiceItem:
    """Offer a matter no more; running applications go on."""
    item = ServiceItem.objects.select_for_update(of=("self",)).get(code=code)
    ensure(rules.may_end_item, item)
    item.ended_at = item.ended_at or at
    item.save(update_fields=["ended_at"])
    forget("applications.offered")
    record(ItemEnded(subject=ref(item), code=item.code))
    return item


@dataclass(frozen=True, slots=True)
class Taken:
    """The account of an imported list: every row is one of added, known or refused (row, field, why)."""

    added: int
    known: int
    refused: tuple[tuple[int, str, str], ...]


@operation
def import_items(*, by: Actor, at: datetime, rows: Iterable[Mapping[str, str]], units: Mapping[str, str], family: str = "business") -> Taken:
    """Take a list of matters (department, main_item, name, item_code, task_type) over as drafts; every row is accounted for.

    `units`: which department of this town each name of the list means. The code of the list is kept as text; the town's own is the row's, cut.
    A list says neither limits nor law, so each draft has those of 行政许可法 (20 working days) and cannot be adopted before its basis is named.
    """
    ensure(rules.may_import_items)
    added = known = 0
    refused: list[tuple[int, str, str]] = []
    there = set(ServiceItem.objects.exclude(origin_code="").values_list("origin_code", flat=True))
    by_code = {organ.code: organ for organ in organs.organs(seen_by=ANYONE)}
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            refused.append((number, "", str(_("more rows than can be taken at once"))))
            continue
        code, name = (row.get("item_code") or "").strip(), (row.get("name") or row.get("main_item") or "").strip()
        organ = by_code.get(units.get((row.get("department") or "").strip(), ""))
        if not code:
            refused.append((number, "item_code", str(_("is empty"))))
        elif len(code) > 120:
            refused.append((number, "item_code", str(_("is longer than 120 characters"))))
        elif not name or len(name) > 120:
            refused.append((number, "name", str(_("is empty or longer than 120 characters"))))
        elif organ is None:
            refused.append((number, "department", str(_("no department of this town is named for it"))))
        elif code in there:
            known += 1
        else:
            there.add(code)
            item = ServiceItem.objects.create(town_id=current_town(), code=_own_code(code), organ=organ, family=family, origin_code=code, made_at=at)
            ItemVersion.objects.create(
                town_id=current_town(), item=item, number=1, title=name, power=_power(row.get("task_type", "")), applicants=["person", "firm"], basis="",
                pattern="ordinary", statutory_days=20, promised_days=20, appeal=APPEAL, made_by=by.ref, made_at=at,
            )  # fmt: skip
            added += 1
    forget("applications.offered")
    record(ItemsImported(subject=f"territory.town:{current_town()}", added=added, known=known, refused=len(refused)))
    return Taken(added, known, tuple(refused))


def _own_code(code: str) -> str:
    """Return a code of the town's own for one of a list: the first that is free, from what tells it apart."""
    digest = hashlib.sha256(code.encode()).hexdigest()[:8].upper()
    return f"{code.split('-', 1)[0][:40]}-{digest}"


def _power(task_type: str) -> str:
    """Return our word for the kind of a row: 1 行政许可, 5 行政给付, 7 行政确认, 8 行政奖励, 9 行政裁决, 20 公共服务 (codes of the national list)."""
    return {"1": "permit", "01": "permit", "5": "benefit", "05": "benefit", "7": "confirmation", "07": "confirmation", "8": "reward", "08": "reward",
            "9": "ruling", "09": "ruling", "20": "service", "21": "service"}.get(task_type.strip(), "other")  # fmt: skip
