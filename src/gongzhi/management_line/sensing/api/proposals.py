"""What supervised units say of their devices and readings, for programs."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Schema

from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit
from gongzhi.management_line.sensing import operations, queries, rules
from gongzhi.management_line.sensing.api.keeping import WRITE, Id
from gongzhi.management_line.sensing.api.reading import router

Matter = Literal["work", "calibration", "readings"]


class ProposalOut(Schema):
    """One thing that a unit said; it counts once it is confirmed."""

    matter: Matter = Field(description="work on a device, a calibration, or other readings than those that count")
    id: int
    station: str = Field(description="code of the station")
    state: Literal["proposed", "confirmed", "declined"]
    begins_at: datetime | date
    ends_at: datetime | None
    made_at: datetime
    readings: int | None = Field(None, description="how many, where it is about readings")
    sort: str = Field("", description="of readings: correction, mark or late")
    mark: str = Field("", description="of HJ 212, where it is about a mark")
    answer: str = ""


class Decision(Schema):
    """An officer's answer."""

    confirmed: bool
    answer: str = Field("", max_length=200, description="why not; needed where it is not confirmed")


def _told(matter: str, one: Any) -> dict[str, Any]:
    station = one.station if matter == "readings" else one.device.station
    begin, end = (one.done_on, None) if matter == "calibration" else (one.begins_at, one.ends_at)
    made = {"work": "planned_at", "calibration": "recorded_at", "readings": "made_at"}[matter]
    return {
        "matter": matter, "id": one.pk, "station": station.code, "state": one.state, "begins_at": begin, "ends_at": end, "made_at": getattr(one, made),
        "readings": getattr(one, "count", None), "sort": getattr(one, "sort", ""), "mark": getattr(one, "mark", ""), "answer": one.answer,
    }  # fmt: skip


@router.get("/proposals", response=list[ProposalOut], summary="What supervised units propose")
def proposals(request: HttpRequest, waiting: bool = False) -> Any:
    """List what units have said of their devices and readings, what waits first; a unit sees its own. With `waiting`, only what waits."""
    actor = actor_of(request)
    admit(rules.may_read_proposals, actor)
    return [_told(one.matter, one.said) for one in queries.proposals(seen_by=actor, open_only=waiting)]


@router.post("/proposals/{matter}/{proposal_id}/decision", response=ProposalOut, summary="Confirm or decline a proposal")
@needs(WRITE)
def decide(request: HttpRequest, matter: Matter, proposal_id: Id, given: Decision) -> Any:
    """Confirm or decline what a unit said. Nobody confirms what their own unit said."""
    actor, at = actor_of(request), timezone.now()
    one = operations.decide_proposal(by=actor, at=at, matter=matter, proposal_id=proposal_id, confirmed=given.confirmed, answer=given.answer)
    return _told(matter, one)
