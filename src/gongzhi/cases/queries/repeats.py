"""Cases that a need may repeat."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gongzhi.cases import nearness as near
from gongzhi.cases.models import Case
from gongzhi.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Similar:
    """A case that a need may repeat."""

    case: Case
    nearness: near.Nearness


def similar(*, seen_by: Actor, text: str, at: datetime, category_id: int | None = None, longitude: float | None = None,
            latitude: float | None = None, but_id: int | None = None, most: int = 3, threshold: float = 0.42) -> list[Similar]:  # fmt: skip
    """Return open public cases of the last 30 days that look like repeats of a need, most alike first."""
    found = Case.objects.visible_to(seen_by).open().filter(visibility=Case.Visibility.PUBLIC, opened_at__gte=at - timedelta(days=30), opened_at__lte=at)
    point = (longitude, latitude) if longitude is not None and latitude is not None else None
    if point is not None:
        west, south, east, north = near.box(point, 250)
        found = found.filter(longitude__gte=west, longitude__lte=east, latitude__gte=south, latitude__lte=north)
    elif category_id is not None:
        found = found.filter(category_id=category_id)
    else:
        return []
    if but_id is not None:
        found = found.exclude(pk=but_id)
    ranked = []
    shown = ("pk", "number", "year", "serial", "title", "text", "longitude", "latitude", "opened_at", "category_id", "state", "address", "town_id")
    for case in found.only(*shown).order_by(
        "-opened_at", "-pk"
    )[:120]:
        score = near.nearness(
            point=point, text=text, at=at, other_point=case.point, other_text=f"{case.title}{case.text}", other_at=case.opened_at,
            same_category=category_id is not None and case.category_id == category_id,
        )  # fmt: skip
        if score.score >= threshold:
            ranked.append(Similar(case, score))
    return sorted(ranked, key=lambda item: -item.nearness.score)[:most]
