"""Findings: looked for in public cases of the last thirteen weeks, kept by week, read by everybody."""

from datetime import date, datetime, timedelta

from django.db.models import Max

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries as cases
from gongzhi.evaluation import detecting
from gongzhi.evaluation.models import Finding
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor

LOOKS_BACK = timedelta(weeks=13)


def week_of(*, seen_by: Actor, at: datetime) -> date:
    """Return the Monday of the town's week in which a moment lies."""
    day = territory.day_of(seen_by=seen_by, at=at)
    return day - timedelta(days=day.weekday())


def look_through(*, seen_by: Actor, at: datetime) -> list[detecting.Found]:
    """Return what the record of the last thirteen weeks shows, surest first. Whoever asks: only public cases are looked at."""
    since = at - LOOKS_BACK
    closed = cases.outcomes(seen_by=ANYONE, since=since, until=at, at=at)
    community = {area.path: area.pk for area in territory.present_areas(seen_by=ANYONE) if area.level in ("community", "park")}

    def community_of(path: str) -> int | None:
        while path and path not in community:
            path = path.rpartition(".")[0]
        return community.get(path)

    found = [
        *detecting.closed_early(closed), *detecting.repeat_places(closed), *detecting.bouncing(closed), *detecting.unequal_service(closed, community_of),
    ]  # fmt: skip
    for kind in kinds.kinds():
        found += detecting.bottleneck(kind.code, cases.histories(seen_by=ANYONE, kind=kind.code, since=since, until=at))
    return sorted(found, key=lambda one: (-one.sureness, one.sort, one.key))


def newest_week(*, seen_by: Actor) -> date | None:
    """Return the last week of which there are findings."""
    return Finding.objects.visible_to(seen_by).aggregate(week=Max("week"))["week"]


def findings(*, seen_by: Actor, week: date | None = None, organ_id: int | None = None) -> list[Finding]:
    """Return the findings of a week (the last one that has any), surest first."""
    wanted = week or newest_week(seen_by=seen_by)
    if wanted is None:
        return []
    found = Finding.objects.visible_to(seen_by).filter(week=wanted).select_related("organ").order_by("-sureness", "pk")
    return list(found.filter(organ_id=organ_id) if organ_id is not None else found)


def finding(*, seen_by: Actor, finding_id: int) -> Finding:
    """Return a finding; raise DoesNotExist."""
    return Finding.objects.visible_to(seen_by).select_related("organ").get(pk=finding_id)


def weeks_found(*, seen_by: Actor, one: Finding) -> list[date]:
    """Return in which weeks the same matter was found, newest first."""
    same = Finding.objects.visible_to(seen_by).filter(sort=one.sort, key=one.key)
    return list(same.order_by("-week").values_list("week", flat=True))
