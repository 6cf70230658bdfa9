"""Who may do what to a case. The first line of each docstring is the refusal that the reader sees."""

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from gongzhi.cases import kind as kinds
from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gongzhi.cases.kind import CaseKind
    from gongzhi.cases.models import Case, FollowUp, Party, Task
    from gongzhi.cases.need import Need
    from gongzhi.cases.procedure import Result, Stage

PROGRAMS = ("system", "clock", "device")


def _dispatches(actor: Actor, case: "Case") -> bool:
    return actor.kind in PROGRAMS or actor.can_in(case.area_path, "may_dispatch") or actor.can("may_overrule")


def _works_for(actor: Actor, organ_id: int | None) -> bool:
    return organ_id is not None and actor.can("may_handle", organ_id=organ_id)


def right_to(actor: Actor, case: "Case") -> str:
    """Return what somebody from outside is to a case: three rights, never one for another.

    "raised": raised it, or acts for the organ for which it was raised. "merged": raised another that was merged into
    it. "follows": hears of it and may add to it, no more. "": none of these.
    """
    if actor.person_id is not None and case.raised_by_id == actor.person_id:
        return "raised"
    if actor.serves_in(case.raised_for_id):
        return "raised"
    asked: dict[Any, str] = case.__dict__.setdefault("_rights", {})  # a page asks ten rules of one case that it has just read
    key = (actor.person_id, actor.party_ids)
    if key not in asked:
        asked[key] = _right_by_party(actor, case)
    return asked[key]


def _right_by_party(actor: Actor, case: "Case") -> str:
    by_code, by_name = case.pk in actor.case_ids and bool(actor.party_ids), actor.person_id is not None and actor.person_id in case.followers
    if not by_code and not by_name:
        return ""
    theirs = (Q(pk__in=actor.party_ids) if by_code else Q(pk__in=[])) | (Q(person_id=actor.person_id) if by_name else Q(pk__in=[]))
    held = set(case.parties.filter(theirs).values_list("via", flat=True))
    return next((via for via in ("raised", "merged", "follows") if via in held), "")


def is_party(actor: Actor, case: "Case") -> bool:
    """You are not one of those who raised or follow this case."""
    return right_to(actor, case) != ""


def has_raised(actor: Actor, case: "Case") -> bool:
    """You are not one of those who raised this case."""
    return right_to(actor, case) in ("raised", "merged")


def may_open(actor: Actor, kind: "CaseKind") -> bool:
    """Cases of this kind are not opened this way."""
    return kind.may_open(actor)


def may_open_many(actor: Actor, needs: "Sequence[Need]") -> bool:
    """Several cases at once are opened by those who hold a post of the town, or by its programs."""
    return actor.kind in PROGRAMS or may_use_desk(actor)


def may_assign(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher assigns cases."""
    return _dispatches(actor, case)


def may_accept(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case begins work on it."""
    return actor.kind == "system" or _works_for(actor, case.lead_id)


def may_return(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case may return it."""
    return actor.kind == "system" or _works_for(actor, case.lead_id)


def may_settle(actor: Actor, case: "Case") -> bool:
    """A case returned three times is settled by the committee, before that by the dispatcher."""
    if actor.kind == "system" or actor.can("may_overrule"):
        return True
    return case.returns < 3 and actor.can_in(case.area_path, "may_dispatch")


def may_suspend(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case or the dispatcher may stop its clock."""
    return _works_for(actor, case.lead_id) or _dispatches(actor, case)


def may_resume(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case or the dispatcher lets its clock run again."""
    return _works_for(actor, case.lead_id) or _dispatches(actor, case)


def may_extend(actor: Actor, case: "Case") -> bool:
    """More time is granted by the dispatcher or the committee, never by somebody of the unit itself."""
    if actor.kind == "system":
        return True
    return actor.is_signed_in and _dispatches(actor, case) and not actor.serves_in(case.lead_id)


def may_answer(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case reports its result."""
    return actor.kind == "system" or _works_for(actor, case.lead_id)


def may_verify(actor: Actor, case: "Case", *, handled_by: frozenset[int] = frozenset()) -> bool:
    """A case is checked by another person than the one who handled it, on site in their own area."""
    if actor.kind in PROGRAMS:
        return True
    if actor.person_id is not None and actor.person_id in handled_by:
        return False
    return actor.can_in(case.area_path, "may_check_on_site")


def may_close(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher closes a case; whoever raised it may, where nobody has to check it."""
    if _dispatches(actor, case):
        return True
    return case.state == "answered" and kinds.kind_of(case.kind).verify == "none" and has_raised(actor, case)


def holds_part(actor: Actor, case: "Case", role: str, *, on: date | None = None) -> bool:
    """This is for a party of the case.

    `on`: the day on which an authority must hold; a page that offers an act leaves it out, the act itself does not.
    """
    if not actor.is_signed_in and not actor.party_ids:
        return False
    mine = Q(pk__in=actor.party_ids)
    if actor.person_id is not None:
        mine |= Q(person_id=actor.person_id)
    serving = sorted(actor.organ_ids)
    if serving:
        mine |= Q(organ_id__in=serving, person__isnull=True)
    theirs = list(case.parties.filter(mine, ended_at__isnull=True).exclude(via="follows").select_related("acts_for"))
    for party in theirs:
        if on is not None and not party.holds_on(on):
            continue
        acting_as = party.acts_for.role if party.role == "agent" and party.acts_for is not None else party.role
        if role in (party.role, acting_as):
            return True
    return False


def _holds_stage(actor: Actor, case: "Case", owner: str, on: date | None) -> bool:
    if actor.kind in PROGRAMS:
        return True
    if owner == "raiser":
        return has_raised(actor, case)
    if owner.startswith("party:"):
        return holds_part(actor, case, owner.removeprefix("party:"), on=on)
    if owner == "dispatcher":
        return _dispatches(actor, case)
    if owner == "committee":
        return actor.can("may_overrule")
    if owner in ("clock", "nobody"):
        return False
    return _works_for(actor, case.lead_id if owner == "lead" else case.holder_id)


def may_decide(actor: Actor, case: "Case", *, stage: "Stage | None", result: "Result | None", on: date | None = None) -> bool:
    """Only whoever has this stage gives its result."""
    if stage is None or result is None:
        return actor.kind in PROGRAMS or bool(actor.organ_ids & set(case.involved)) or is_party(actor, case)
    return _holds_stage(actor, case, stage.owner if result.by == "owner" else result.by, on)


def may_take_step(actor: Actor, case: "Case", act: str) -> bool:
    """Only those who work on this case or have a part in it act on it."""
    return actor.kind in PROGRAMS or bool(actor.organ_ids & set(case.involved)) or _dispatches(actor, case) or is_party(actor, case)


def may_name_party(actor: Actor, case: "Case") -> bool:
    """Only whoever raised this case or the unit that has it names others who have a part in it."""
    return actor.kind == "system" or has_raised(actor, case) or _works_for(actor, case.lead_id) or _dispatches(actor, case)


def may_end_party(actor: Actor, case: "Case", party: "Party") -> bool:
    """A part is ended by whoever has it, by whoever named an agent, or by the unit that has the case."""
    if actor.kind == "system" or (actor.person_id is not None and actor.person_id == party.person_id):
        return True
    if party.acts_for is not None and actor.person_id is not None and party.acts_for.person_id == actor.person_id:
        return True
    return party.via == "named" and (_works_for(actor, case.lead_id) or _dispatches(actor, case))


def may_reopen(actor: Actor, case: "Case") -> bool:
    """Only those who raised this case, or the supervisor, may reopen it."""
    return actor.kind == "system" or has_raised(actor, case) or actor.can("may_supervise")


def may_reject(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher declines a case."""
    return _dispatches(actor, case)


def may_withdraw(actor: Actor, case: "Case") -> bool:
    """Only whoever raised this case may withdraw it."""
    return actor.kind == "system" or right_to(actor, case) == "raised"


def may_merge(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher merges cases."""
    return _dispatches(actor, case)


def may_refer(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case or the dispatcher refers it."""
    return _works_for(actor, case.lead_id) or _dispatches(actor, case)


def may_reclassify(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher changes the category of a case."""
    return _dispatches(actor, case)


def may_place(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher says where a case is."""
    return _dispatches(actor, case)


def may_join(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this case or the dispatcher asks others to join."""
    return _works_for(actor, case.lead_id) or _dispatches(actor, case)


def may_answer_join(actor: Actor, task: "Task") -> bool:
    """Only the unit or party that was asked reports on its part."""
    if actor.kind == "system" or actor.serves_in(task.organ_id):
        return True
    party = task.party
    return party is not None and party.ended_at is None and (
        party.pk in actor.party_ids or (actor.person_id is not None and actor.person_id == party.person_id)
    )


def may_note(actor: Actor, case: "Case") -> bool:
    """Only those who work on this case, raised it or follow it may add a note."""
    if actor.kind in PROGRAMS or is_party(actor, case) or _dispatches(actor, case):
        return True
    if bool(actor.organ_ids & set(case.involved)) or actor.can("may_supervise", "may_overrule"):
        return True
    return actor.can_in(case.area_path, "may_see_area_cases")


def may_urge(actor: Actor, case: "Case") -> bool:
    """Only those who raised this case, the dispatcher and the supervisor may urge it."""
    return has_raised(actor, case) or _dispatches(actor, case) or actor.can("may_supervise")


def may_follow(actor: Actor, case: "Case") -> bool:
    """Only public cases can be followed."""
    return actor.kind == "system" or case.visibility == "public"


def may_rate(actor: Actor, case: "Case") -> bool:
    """Only those who raised this case rate it."""
    return actor.kind == "system" or has_raised(actor, case)


def may_call_back(actor: Actor, follow_up: "FollowUp") -> bool:
    """The call after a bad rating is made by the dispatcher or the supervisor, not by the unit that was rated."""
    if actor.kind == "system":
        return True
    return actor.can("may_call_back") and not actor.serves_in(follow_up.organ_id)


def may_put_right(actor: Actor, follow_up: "FollowUp") -> bool:
    """Only the unit that was rated puts it right."""
    return actor.kind == "system" or actor.serves_in(follow_up.organ_id) or actor.can("may_overrule")


def may_mark_time(actor: Actor) -> bool:
    """Only the clock marks what is due."""
    return actor.kind in ("clock", "system")


def may_raise_severity(actor: Actor, case: "Case") -> bool:
    """Only the dispatcher or the source of an alarm raises its severity."""
    return _dispatches(actor, case)


def may_move_procedure(actor: Actor, case: "Case") -> bool:
    """Only the committee moves a running case to another version of its procedure."""
    return actor.kind == "system" or actor.can("may_move_procedures")


def may_define(actor: Actor, *about: Any) -> bool:
    """Only the committee and the administrator change the lists by which the town works."""
    return actor.kind == "system" or actor.can("may_define_lists")


def may_save_view(actor: Actor) -> bool:
    """Sign in to keep views."""
    return actor.person_id is not None


def may_import(actor: Actor) -> bool:
    """Only the administrator brings in cases of another system."""
    return actor.kind == "system" or actor.can("may_import_cases")


def sees_internal(actor: Actor, case: "Case") -> bool:
    """Internal notes are for those who work on this case."""
    if actor.kind in ("system", "clock"):
        return True
    if not case.is_visible_to(actor):
        return False
    if actor.can("may_see_town_cases"):
        return True
    inside = {duty.organ_id for duty in actor.duties if duty.can("may_read_internal_notes")}
    return bool(inside & set(case.involved)) or actor.can_in(case.area_path, "may_see_area_cases")


def may_use_desk(actor: Actor) -> bool:
    """The desk is for people who hold a post of the town."""
    return actor.is_signed_in and actor.can("may_use_desk")


def may_dispatch(actor: Actor) -> bool:
    """The dispatch board is for dispatchers and the committee."""
    return actor.kind == "system" or actor.can("may_dispatch", "may_overrule")


def may_take_calls(actor: Actor) -> bool:
    """Needs of callers are taken down by dispatchers and community stations."""
    return actor.kind == "system" or actor.can("may_take_calls")
