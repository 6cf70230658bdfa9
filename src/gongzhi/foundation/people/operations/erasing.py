"""Asking for erasure and carrying it out; erasure by term."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, is_password_usable
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import needs, rules, terms
from gongzhi.foundation.people.facts import ErasureAsked, ErasureDecided, ErasureWithdrawn, TermApplied, TracesForgotten
from gongzhi.foundation.people.models import Attempt, ErasureRequest, SecondFactor, Session, User
from gongzhi.foundation.people.operations._second_factor import holds_second_factor
from gongzhi.foundation.people.operations.registry import erase_person
from gongzhi.foundation.people.operations.signing_in import WrongCode, WrongPassword
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

TRACES_KEPT = timedelta(days=90)  # of tries; as long as a place is known from which somebody came in
COOLING_OFF = 7  # days, where the town's rules name none


class AskedAlready(Refused):
    sentence = _("You have asked for it already; the request is running.")


class StillServes(Refused):
    sentence = _("You hold a post of the town: %(posts)s. It must be ended first; ask the administrator.")


class NotOpen(Refused):
    sentence = _("This request has been dealt with already.")


class NoGround(Refused):
    sentence = _("Say why, with the clause that obliges the town to keep the details.")
    field = "ground"


class NotDue(Refused):
    sentence = _("The cooling-off period is running, or something still needs the person.")


class NoTerm(Refused):
    sentence = _("The town has set no term for this.")


@operation
def ask_erasure(*, by: Actor, at: datetime, present: str = "", code: str = "") -> ErasureRequest:
    """Ask that one's own details be erased. Confirmed by the password where there is one, and by the second factor where it is on.

    Nothing is erased yet: the cooling-off period of the town's rule `erasure` begins, seven days without it.
    """
    ensure(rules.may_ask_erasure)
    user = User.objects.select_for_update(of=("self",)).select_related("person").get(pk=by.user_id or 0)
    assert user.person_id is not None
    if ErasureRequest.objects.filter(person_id=user.person_id, state__in=("waiting", "approved")).exists():
        raise AskedAlready
    posts = [need.title for need in needs.of(user.person_id, at) if need.blocks]
    if posts:
        raise StillServes(posts=", ".join(posts))
    if is_password_usable(user.password) and not check_password(present, user.password):
        raise WrongPassword
    if SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists() and not holds_second_factor(user, code, at):
        raise WrongCode
    rule = territory.town(seen_by=by).settings.get("erasure") or {}
    due_at = at + timedelta(days=int(rule.get("days", COOLING_OFF)))
    request = ErasureRequest.objects.create(
        town_id=current_town(), person_id=user.person_id, asked_at=at, due_at=due_at, needs_decision=rule.get("by") == "administrator"
    )
    record(ErasureAsked(subject=f"people.person:{user.person_id}", request_id=request.pk, due_on=due_at.date(), needs_decision=request.needs_decision))
    return request


@operation
def withdraw_erasure(*, by: Actor, at: datetime) -> ErasureRequest:
    """Take one's own request back, at any moment before it is carried out."""
    ensure(rules.may_ask_erasure)
    request = ErasureRequest.objects.select_for_update().filter(person_id=by.person_id or 0, state__in=("waiting", "approved")).first()
    if request is None:
        raise NotOpen
    request.state, request.decided_at, request.decided_by = ErasureRequest.State.WITHDRAWN, at, by.ref
    request.save(update_fields=["state", "decided_at", "decided_by"])
    record(ErasureWithdrawn(subject=f"people.person:{request.person_id}", request_id=request.pk))
    return request


@operation
def decide_erasure(*, by: Actor, at: datetime, request_id: int, approved: bool, ground: str = "") -> ErasureRequest:
    """Approve a request, or decline it with the clause that obliges the town to keep the details (PIPL art. 47)."""
    request = ErasureRequest.objects.select_for_update().get(pk=request_id)
    ensure(rules.may_decide_erasure)
    if request.state != ErasureRequest.State.WAITING:
        raise NotOpen
    if not approved and not ground.strip():
        raise NoGround
    request.state = ErasureRequest.State.APPROVED if approved else ErasureRequest.State.DECLINED
    request.decided_at, request.decided_by, request.ground = at, by.ref, "" if approved else ground.strip()[:300]
    request.save(update_fields=["state", "decided_at", "decided_by", "ground"])
    record(ErasureDecided(subject=f"people.person:{request.person_id}", request_id=request.pk, approved=approved))
    return request


@operation
def carry_out_erasure(*, by: Actor, at: datetime, request_id: int) -> ErasureRequest:
    """Erase what a request asks for: after the cooling-off period, after the decision where one is needed, and when nothing needs the person any more."""
    request = ErasureRequest.objects.select_for_update().get(pk=request_id)
    ensure(rules.may_erase_by_term)
    if not request.is_open:
        raise NotOpen
    if at < request.due_at or request.waits_for_decision or needs.of(request.person_id, at):
        raise NotDue
    erase_person(by=by, at=at, person_id=request.person_id)
    request.state, request.done_at = ErasureRequest.State.DONE, at
    request.save(update_fields=["state", "done_at"])
    record(ErasureDecided(subject=ref(request), request_id=request.pk, approved=True))
    return request


@operation
def erase_by_term(*, by: Actor, at: datetime, kind: str, most: int = 100) -> int:
    """Erase up to `most` details of a kind that are past the town's term; return how many. Doing it twice erases nothing more."""
    ensure(rules.may_erase_by_term)
    term = terms.terms(territory.town(seen_by=by).settings).get(kind)
    if term is None:
        raise NoTerm
    if kind == "looks":
        chosen = list(terms.due_looks(term, at).order_by("pk").values_list("pk", flat=True)[:most])
        count = terms.due_looks(term, at).filter(pk__in=chosen).update(purpose="")
    else:
        due = terms.due_people(term, at, most)
        for person_id in due:
            erase_person(by=by, at=at, person_id=person_id)
        count = len(due)
    record(TermApplied(subject=f"territory.town:{current_town()}", kind_of_detail=kind, count=count, days=term.days, basis=term.basis))
    return count


@operation
def forget_traces(*, by: Actor, at: datetime) -> int:
    """Throw away sessions that have ended, with all that was written in them, and tries of long ago; return how many rows."""
    ensure(rules.may_erase_by_term)
    ended, _sessions = Session.objects.filter(expire_date__lte=at).delete()
    old, _tries = Attempt.objects.filter(last_at__lt=at - TRACES_KEPT).delete()
    record(TracesForgotten(subject=f"territory.town:{current_town()}", count=ended + old))
    return ended + old
