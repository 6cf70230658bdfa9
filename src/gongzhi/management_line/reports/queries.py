"""Questions about reports: what a text may be about, what it repeats, who holds a follow code."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from gongzhi.cases import queries as cases
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.memory import remember
from gongzhi.management_line.reports import suggestion
from gongzhi.management_line.reports.models import Filing

REPEATS_WITHIN = 250  # metres


# ---- categories -----------------------------------------------------------------------------------------------------
def leaves(*, seen_by: Actor, at: datetime) -> list[Any]:
    """Return the categories that residents may choose: those for the public that have none below them, in code order."""

    def find() -> list[Any]:
        found = list(cases.categories(seen_by=seen_by, on=territory.day_of(seen_by=ANYONE, at=at), for_public=True))
        above = {category.parent_id for category in cases.categories(seen_by=seen_by, on=territory.day_of(seen_by=ANYONE, at=at))}
        return [category for category in found if category.pk not in above]

    return remember("reports.leaves", find)


def groups(*, seen_by: Actor, at: datetime) -> list[tuple[Any, list[Any]]]:
    """Return the categories that residents may choose under what stands above them: [(branch or None, leaves)]."""
    gathered: dict[int | None, tuple[Any, list[Any]]] = {}
    for category in leaves(seen_by=seen_by, at=at):
        gathered.setdefault(category.parent_id, (category.parent, []))[1].append(category)
    return list(gathered.values())


def category_by_id(*, seen_by: Actor, category_id: int | None, at: datetime) -> Any:
    """Return the public leaf with this id, or None."""
    return next((category for category in leaves(seen_by=seen_by, at=at) if category.pk == category_id), None)


def category_by_code(*, seen_by: Actor, code: str, at: datetime) -> Any:
    """Return the public leaf with this code, or None."""
    return next((category for category in leaves(seen_by=seen_by, at=at) if category.code == code), None)


# ---- suggestions ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Suggested:
    """A category that a text may belong to."""

    category: Any
    confidence: float
    because: tuple[str, ...]


def model_file(*, seen_by: Actor, code: str = "") -> Path:
    """Return where the present town's own model is kept (or that of the town with the code)."""
    town_code = code or territory.town(seen_by=seen_by).code
    return Path(settings.VAR) / "models" / f"{town_code}.skops"


def suggest(*, seen_by: Actor, text: str, at: datetime, title: str = "", most: int = 3) -> list[Suggested]:
    """Return the town's categories that a text may belong to, likeliest first: by keywords and, once trained, its model."""
    known, by_code = remember("reports.known", lambda: _known(leaves(seen_by=seen_by, at=at)))
    model = suggestion.present(model_file(seen_by=seen_by))
    said = f"{title}\n{text}" if title else text
    return [
        Suggested(by_code[one.code], one.confidence, one.because) for one in suggestion.suggest(said[:2000], known, model=model, most=most)
    ]


def _known(found: Iterable[Any]) -> tuple[suggestion.Vocabulary, dict[str, Any]]:
    by_code = {category.code: category for category in found}
    known = (suggestion.Known(category.code, category.name, category.keywords, category.name_en) for category in by_code.values())
    return suggestion.Vocabulary(known), by_code


def teaching(*, seen_by: Actor) -> tuple[list[str], list[str], list[str]]:
    """Return titles, texts and category codes of the town's closed reports, from which its own model learns.

    Rejected and merged ones teach nothing; a category that a dispatcher corrected counts as corrected.
    """
    rows = cases.cases(seen_by=seen_by, kind="report", state="closed").filter(category__isnull=False).order_by("pk")
    titles, texts, labels = [], [], []
    for title, text, code in rows.values_list("title", "text", "category__code"):
        body = text if text.strip() and not text.startswith(title) else text[len(title):] if text else ""
        titles.append(title)
        texts.append(body.strip())
        labels.append(code)
    return titles, texts, labels


# ---- repeats --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Repeat:
    """A case that the report may repeat, with a photo's address if it has one."""

    case: Any
    metres: int | None
    score: float
    photo: str


def repeats(*, seen_by: Actor, text: str, at: datetime, category_id: int | None = None, longitude: float | None = None,
            latitude: float | None = None, most: int = 2) -> list[Repeat]:  # fmt: skip
    """Return the open public cases that a report looks like, most alike first."""
    found = cases.similar(seen_by=seen_by, text=text, at=at, category_id=category_id, longitude=longitude, latitude=latitude, most=most)
    return [
        Repeat(item.case, None if item.nearness.metres is None else round(item.nearness.metres), item.nearness.score,
               first_photo(seen_by=seen_by, case=item.case))
        for item in found
    ]  # fmt: skip


def first_photo(*, seen_by: Actor, case: Any) -> str:
    """Return the address of the smallest form of a case's first photo, or ""."""
    for step in reversed(cases.steps(seen_by=seen_by, case=case)):
        for paper in step.papers.all():
            if paper.attachment.is_image:
                return str(paper.attachment.url("thumb"))
    return ""


# ---- how it came in --------------------------------------------------------------------------------------------------
def filing_of(*, seen_by: Actor, case_id: int) -> Filing | None:
    """Return how a report came in, or None for one that came before filings were kept."""
    return Filing.objects.visible_to(seen_by).filter(case_id=case_id).first()


def filings_of(*, seen_by: Actor, case_ids: Sequence[int]) -> dict[int, Filing]:
    """Return how reports came in, by case."""
    return {filing.case_id: filing for filing in Filing.objects.visible_to(seen_by).filter(case_id__in=case_ids)}


# ---- Open311 --------------------------------------------------------------------------------------------------------
def open311_client(*, seen_by: Actor, key: str) -> str | None:
    """Return the name of the program to which the town gave this api_key, or None.

    The town's rule `open311_keys` is {"key": "name"}; a key may stand there as "sha256:<hex>" of itself.
    """

    keys = territory.town(seen_by=seen_by).settings.get("open311_keys") or {}
    if isinstance(keys, list):
        keys = {str(one): "" for one in keys}
    hashed = "sha256:" + hashlib.sha256(key.encode()).hexdigest()
    for known, name in keys.items():
        if key and (hmac.compare_digest(str(known).encode(), key.encode()) or hmac.compare_digest(str(known).encode(), hashed.encode())):
            return str(name) or "open311"
    return None
