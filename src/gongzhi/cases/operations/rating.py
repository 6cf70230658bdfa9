"""Rating 好差评 and what a bad one sets going 回访整改."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import rating as levels
from gongzhi.cases import rules
from gongzhi.cases.facts import CaseRated, RatingFollowedUp, RatingFollowUpOpened
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Case, Clock, FollowUp, Party, Rating
from gongzhi.cases.operations import _steps
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class BadLevel(Refused):
    sentence = _("A rating has five levels, 1 to 5.")
    field = "level"


class RatedAlready(Refused):
    sentence = _("You have rated this case already.")


class NotAParty(Refused):
    sentence = _("Only those who raised or follow this case rate it.")


class WrongStep(Refused):
    sentence = _("First call back, then put it right.")
    field = "step"


class FollowedUpAlready(Refused):
    sentence = _("This follow-up is finished.")


@operation
def rate_case(*, by: Actor, at: datetime, case_id: int, level: int, tags: Iterable[str] = (), text: str = "", solved: bool | None = None,
              party_id: int | None = None) -> Rating:  # fmt: skip
    """Rate a closed case once per party. One of the two lowest levels opens a follow-up with its own clocks."""
    case = _steps.locked(case_id)
    ensure(rules.may_rate, case)
    _steps.check(case, Act.RATE)
    if level not in Rating.Level.values:
        raise BadLevel
    parties = Party.objects.filter(case=case)
    if by.person_id is not None:
        party = parties.filter(person_id=by.person_id).first()
    else:
        party = parties.filter(person__isnull=True, pk=party_id).first() if party_id else parties.filter(person__isnull=True).order_by("pk").first()
    if party is None:
        raise NotAParty(case)
    if Rating.objects.filter(party=party).exists():
        raise RatedAlready(case)
    given = Rating.objects.create(
        town_id=case.town_id, case=case, party=party, level=level, solved=solved, tags=[tag for tag in tags if tag in levels.TAGS],
        text=text.strip()[:1000], at=at,
    )  # fmt: skip
    case.worst_rating = level if case.worst_rating is None else min(case.worst_rating, level)
    case.touched_at = at
    case.save(update_fields=["worst_rating", "touched_at"])
    _steps.add_step(case, Act.RATE, by=by, at=at, public_text=given.text, details={"level": level, "tags": given.tags})
    record(CaseRated(**_steps.about(case), level=level))
    if levels.is_bad(level):
        _open_follow_up(case, given, at)
    return given


def _open_follow_up(case: Case, given: Rating, at: datetime) -> None:
    follow_up = FollowUp.objects.create(town_id=case.town_id, case=case, rating=given, organ_id=case.lead_id, opened_at=at)
    definition = _steps.definition_of(case)
    call = _steps.new_clock(case, Clock.Of.FOLLOW_UP, definition.call_limit, at=at, stage="call", organ_id=case.lead_id, rule=f"{case.kind}")
    call.save(force_insert=True)
    put_right = _steps.new_clock(case, Clock.Of.FOLLOW_UP, definition.put_right_limit, at=at, stage="put_right", organ_id=case.lead_id, rule=case.kind)
    put_right.save(force_insert=True)
    record(RatingFollowUpOpened(**_steps.about(case), follow_up_id=follow_up.pk))


@operation
def follow_up_rating(*, by: Actor, at: datetime, follow_up_id: int, step: str, text: str) -> FollowUp:
    """Follow a bad rating up: `called` by the dispatcher or supervisor, then `put_right` by the unit; the result is public."""
    case_id = FollowUp.objects.values_list("case_id", flat=True).get(pk=follow_up_id)
    case = _steps.locked(case_id)
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up_id)
    if step == "called":
        ensure(rules.may_call_back, follow_up)
    else:
        ensure(rules.may_put_right, follow_up)
    if follow_up.is_done:
        raise FollowedUpAlready(follow_up)
    text = _steps.required(text, "text")
    if step == "called" and follow_up.state == FollowUp.State.TO_CALL:
        follow_up.state, follow_up.called_at, follow_up.call_result = FollowUp.State.TO_PUT_RIGHT, at, text
        _steps.end_clocks(case, at, of=Clock.Of.FOLLOW_UP, stage="call")
    elif step == "put_right" and follow_up.state == FollowUp.State.TO_PUT_RIGHT:
        follow_up.state, follow_up.done_at, follow_up.public_result = FollowUp.State.DONE, at, text
        if not FollowUp.objects.filter(case=case).exclude(pk=follow_up.pk).exclude(state=FollowUp.State.DONE).exists():
            _steps.end_clocks(case, at, of=Clock.Of.FOLLOW_UP)
    else:
        raise WrongStep(follow_up)
    follow_up.save()
    case.touched_at = at
    case.save(update_fields=["touched_at"])
    _steps.add_step(case, Act.FOLLOW_UP, by=by, at=at, public_text=text if step == "put_right" else "",
                    internal_text=text if step == "called" else "", details={"step": step})  # fmt: skip
    record(RatingFollowedUp(**_steps.about(case), follow_up_id=follow_up.pk, step=step))
    return follow_up
