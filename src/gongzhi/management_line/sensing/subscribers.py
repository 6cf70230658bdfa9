"""What happens to an alarm's case is followed here."""

from typing import Any

from django.utils.translation import gettext_noop as _

from gongzhi.cases.facts import CaseAnswered, CaseClosed, CaseMerged, CaseReferred, CaseRejected, CaseWithdrawn
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.management_line.sensing import operations, queries
from gongzhi.management_line.sensing.facts import ProposalDecided, ProposalMade


@on(CaseAnswered)
def note_the_answer_when_the_unit_reports(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "alarm":
        operations.note_answer(by=CLOCK, at=entry.at, case_id=fact.case_id)


@on(CaseClosed, CaseMerged, CaseReferred, CaseRejected, CaseWithdrawn)
def settle_the_stretch_when_its_case_ends(entry: Entry) -> None:
    fact: Any = entry.fact
    if fact.kind_of_case == "alarm":
        operations.settle_alarm(by=CLOCK, at=entry.at, case_id=fact.case_id)


@on(ProposalMade)
def tell_the_officers_when_a_unit_proposes(entry: Entry) -> None:
    """Once a day, station and matter: what waits is on their page in any case."""
    fact: Any = entry.fact
    on_day = territory.day_of(seen_by=ANYONE, at=entry.at)
    station = queries.known_stations(seen_by=CLOCK).select_related("organ").get(pk=fact.station_id)
    theirs = set(organs.people_of(seen_by=CLOCK, organ_id=station.organ_id, on=on_day)) if station.organ_id else set()
    officers = {person for role in ("department_officer", "administrator") for person in organs.holders(seen_by=CLOCK, role=role, on=on_day)}
    notices.give_notice(
        by=CLOCK, at=entry.at, person_ids=sorted(officers - theirs), kind="sensing.ProposalMade",
        title=_("%(station)s: the unit proposes something to confirm"), params={"station": station.name},
        url="/stations/claims/", dedupe=f"proposal:{fact.matter}:{station.pk}:{on_day}",
    )  # fmt: skip


@on(ProposalDecided)
def tell_the_unit_when_its_proposal_is_decided(entry: Entry) -> None:
    fact: Any = entry.fact
    station = queries.known_stations(seen_by=CLOCK).get(pk=fact.station_id)
    if station.organ_id is None:
        return
    title = _("%(station)s: what your unit proposed is confirmed") if fact.confirmed else _("%(station)s: what your unit proposed is not confirmed")
    notices.give_notice(
        by=CLOCK, at=entry.at, person_ids=organs.people_of(seen_by=CLOCK, organ_id=station.organ_id, on=territory.day_of(seen_by=ANYONE, at=entry.at)),
        kind="sensing.ProposalDecided", title=title, params={"station": station.name}, url="/stations/claims/",
    )  # fmt: skip
