"""Rating 好差评 and what a bad one sets going 回访整改."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries, rules
from gongzhi.cases import rating as levels
from gongzhi.cases.facts import CaseRated, RatingFollowedUp, RatingFollowUpOpened
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Case, Clock, FollowUp, Party, Rating
from gongzhi.cases.operations import _steps
from gongzhi.foundation.people import masking
from gongzhi.foundation.people import operations as people
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class BadLevel(Refused):
    sentence = _("A rating has five levels, 1 to 5.")
    field = "level"


class RatedAlready(Refused):
    sentence = _("You have rated this case already.")


class NotAParty(Refused):
    sentence = _("Only those who raised this case rate it.")


class WrongStep(Refused):
    sentence = _("First call back, then put it right.")
    field = "step"


class FollowedUpAlready(Refused):
    sentence = _("This follow-up is finished.")


@operation
def rate_case(*, by: Actor, at: datetime, case_id: int, level: int, tags: Iterable[str] = (), text: str = "", solved: bool | None = None,
              party_id: int | None = None, phone: str = "") -> Rating:  # fmt: skip
    """Rate a closed case once for each who raised it; who only follows it has no vote.

    `party_id`: as which party, for a follow code that opened more than one. `phone`: of somebody unnamed who wants to be
    called back; it is sealed. One of the two lowest levels opens a follow-up with its own clocks. Raises BadPhone.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_rate, case)
    _steps.check(case, Act.RATE)
    if level not in Rating.Level.values:
        raise BadLevel
    party = _rating_party(case, by, party_id)
    if party is None:
        raise NotAParty(case)
    if Rating.objects.filter(party=party).exists():
        raise RatedAlready(case)
    if phone.strip() and party.person_id is None:
        _leave_number(case, party, phone, by=by, at=at)
    given = Rating.objects.create(
        town_id=case.town_id, case=case, party=party, level=level, solved=solved, tags=[tag for tag in tags if tag in levels.TAGS],
        text=masking.masked(text.strip()[:1000]), at=at,
    )  # fmt: skip
    case.worst_rating = level if case.worst_rating is None else min(case.worst_rating, level)
    case.touched_at = at
    case.save(update_fields=["worst_rating", "touched_at"])
    _steps.add_step(case, Act.RATE, by=by, at=at, public_text=text.strip()[:1000], details={"level": level, "tags": given.tags})
    record(CaseRated(**_steps.about(case), level=level))
    if levels.is_bad(level):
        _open_follow_up(case, given, at)
    return given


def _leave_number(case: Case, party: Party, phone: str, *, by: Actor, at: datetime) -> None:
    """Keep the number of whoever was unnamed until now, unproved: a record of its own, never joined to somebody who may really have this number."""
    person = people.register_person(by=by, at=at, kind="resident", public_name=str(_("Resident")), phone=phone)
    party.person = person
    party.save(update_fields=["person"])
    case.followers = sorted({*case.followers, person.pk})
    if party.via == Party.Via.RAISED and case.raised_by_id is None:
        case.raised_by = person
    case.save(update_fields=["followers", "raised_by"])


def _rating_party(case: Case, by: Actor, party_id: int | None) -> Party | None:
    """Return the party for which this actor rates: their own, the one that their code opened, or that of the organ they act for."""
    parties = Party.objects.filter(case=case).exclude(via=Party.Via.FOLLOWS).order_by("pk")
    if party_id is not None:
        return parties.filter(Q(pk__in=by.party_ids) | Q(person_id=by.person_id or 0), pk=party_id).first()
    own = parties.filter(pk__in=by.party_ids).first() if by.party_ids else None
    if own is None and by.person_id is not None:
        own = parties.filter(person_id=by.person_id).first()
    if own is None and by.serves_in(case.raised_for_id):
        own = parties.filter(person_id=case.raised_by_id or 0).first()
    return own


def _open_follow_up(case: Case, given: Rating, at: datetime) -> None:
    follow_up = FollowUp.objects.create(town_id=case.town_id, case=case, rating=given, organ_id=case.lead_id, opened_at=at)
    definition = _steps.definition_of(case)
    call = _steps.new_clock(case, Clock.Of.FOLLOW_UP, definition.call_limit, at=at, stage="call", organ_id=case.lead_id, rule=f"{case.kind}")
    call.save(force_insert=True)
    put_right = _steps.new_clock(case, Clock.Of.FOLLOW_UP, definition.put_right_limit, at=at, stage="put_right", organ_id=case.lead_id, rule=case.kind)
    put_right.save(force_insert=True)
    _steps.note_involved(case, queries.dispatch_organ_id(seen_by=ANYONE))
    _steps.hold_for_follow_up(case)
    case.save(update_fields=["holder", "next_due_at", "involved"])
    record(RatingFollowUpOpened(**_steps.about(case), follow_up_id=follow_up.pk))


@operation
def follow_up_rating(*, by: Actor, at: datetime, follow_up_id: int, step: str, text: str = "", answer: str = "") -> FollowUp:
    """Follow a bad rating up: `called` by the dispatcher or supervisor, then `put_right` by the unit; the result is public.

    Whoever has left no number cannot be called: they get a written `answer`, which stands where they follow the case.
    `text`: what was said on the telephone, or how it was put right.
    """
    case_id = FollowUp.objects.values_list("case_id", flat=True).get(pk=follow_up_id)
    case = _steps.locked(case_id)
    follow_up = FollowUp.objects.select_for_update(of=("self",)).select_related("rating__party__person").get(pk=follow_up_id)
    if step == "called":
        ensure(rules.may_call_back, follow_up)
    else:
        ensure(rules.may_put_right, follow_up)
    if follow_up.is_done:
        raise FollowedUpAlready(follow_up)
    if step == "called" and not follow_up.can_be_called:
        answer, text = _steps.required(answer, "answer"), text.strip()
    else:
        answer, text = answer.strip(), _steps.required(text, "text")
    if step == "called" and follow_up.state == FollowUp.State.TO_CALL:
        follow_up.state, follow_up.called_at, follow_up.call_result = FollowUp.State.TO_PUT_RIGHT, at, text
        follow_up.answer = answer[:4000]
        _steps.end_clocks(case, at, of=Clock.Of.FOLLOW_UP, stage="call", started_at=follow_up.opened_at)
    elif step == "put_right" and follow_up.state == FollowUp.State.TO_PUT_RIGHT:
        follow_up.state, follow_up.done_at, follow_up.public_result = FollowUp.State.DONE, at, text
        _steps.end_clocks(case, at, of=Clock.Of.FOLLOW_UP, started_at=follow_up.opened_at)
    else:
        raise WrongStep(follow_up)
    follow_up.save()
    case.touched_at = at
    case.version += 1
    if case.is_closed:
        _steps.hold_for_follow_up(case)
    case.save(update_fields=["touched_at", "version", "holder", "next_due_at", "involved"])
    _steps.add_step(case, Act.FOLLOW_UP, by=by, at=at, public_text=text if step == "put_right" else "",
                    internal_text=text if step == "called" else "", details={"step": step})  # fmt: skip
    record(RatingFollowedUp(**_steps.about(case), follow_up_id=follow_up.pk, step=step))
    return follow_up
