"""Likely sources of an exceedance."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.management_line.sources import queries, rules
from gongzhi.management_line.sources.api.sharing import router


class SuspectOut(Schema):
    """A likely source with its weight and why."""

    source: str
    outlet: str | None
    firm: str
    share: float
    weight: float
    metres: float
    hours: float | None
    certain: bool
    reasons: list[str]


class TraceOut(Schema):
    """Where an exceedance may come from. A reason to look, not a proof."""

    way: str
    station: str
    factor: str
    since: datetime
    until: datetime
    case: str | None
    notes: list[str]
    suspects: list[SuspectOut]


@router.get("/episodes/{episode_id}/trace", response=TraceOut, summary="Likely sources of a stretch beyond a limit")
@needs("registers:read")
def trace(request: HttpRequest, episode_id: int) -> Any:
    """Give the likely sources by wind, stream or distance, the heaviest first; for the town's staff."""
    actor = actor_of(request)
    admit(rules.may_trace, actor)
    if not 0 < episode_id < 2**62:
        return problem(404, "Not found", code="NotFound")
    found = queries.trace(seen_by=actor, episode_id=episode_id, at=timezone.now())
    return {
        "way": found.way,
        "station": found.station.code,
        "factor": found.episode.factor,
        "since": found.since,
        "until": found.until,
        "case": found.episode.case.number if found.episode.case else None,
        "notes": [str(note) for note in found.notes],
        "suspects": [
            {
                "source": one.source.code,
                "outlet": one.outlet.code if one.outlet else None,
                "firm": one.organ.code,
                "share": one.share,
                "weight": one.weight,
                "metres": one.metres,
                "hours": one.hours,
                "certain": one.is_certain,
                "reasons": [str(reason) for reason in one.reasons],
            }
            for one in found.suspects
        ],
    }
