"""Log-ins and requests for erasure, for administrators."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.people import forms, joint, operations, queries, rules
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import actor_of, admit, attempt, page

MOST = 200


@require_safe
@never_cache
def logins(request: HttpRequest) -> HttpResponse:
    """Show log-ins: those of staff, or with `all` every one."""
    actor = actor_of(request)
    admit(rules.may_see_logins, actor)
    text, every = request.GET.get("q", "")[:60], request.GET.get("all") == "1"
    rows = list(queries.logins(seen_by=actor, text=text, staff_only=not every)[: MOST + 1])
    return page(
        request, "people/logins.html", {"rows": rows[:MOST], "more": len(rows) > MOST, "q": text, "every": every, "own": actor.user_id, "now": timezone.now()}
    )


@never_cache
@require_http_methods(["GET", "POST"])
def login_new(request: HttpRequest) -> HttpResponse:
    """Make a log-in; its first password is shown this once."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_logins, actor)
    form = forms.EmployForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: operations.employ(by=actor, at=at, **form.cleaned_data))
        if made is not None:
            return page(request, "people/login_shown.html", {"user": made[0], "password": made[1], "is_new": True})
    return page(
        request, "administration/form.html",
        {"form": form, "title": _("New log-in"), "button": _("Make the log-in"), "back": "/administration/logins/", "back_words": _("Log-ins")},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _asked_for_two(act: str, actor: Actor, at: datetime, user_id: int) -> bool:
    """Ask for an act on a log-in where it takes two people; return whether it does."""
    user = queries.user_for(seen_by=actor, user_id=user_id)
    if not queries.takes_two(seen_by=actor, person_id=user.person_id, at=at):
        return False
    operations.ask_joint_act(by=actor, at=at, act=act, content={"user_id": user_id}, concerns_id=user.person_id)
    return True


def _done(act: str, actor: Actor, at: datetime, user_id: int) -> Any:
    """Do one of the acts on a log-in; return its words."""
    if act == "lock":
        operations.lock_login(by=actor, at=at, user_id=user_id)
        return _("The log-in is locked; it is signed out everywhere.")
    if act == "unlock":
        operations.unlock_login(by=actor, at=at, user_id=user_id)
        return _("The log-in is open again.")
    if act == "sessions":
        operations.end_sessions(by=actor, at=at, user_id=user_id)
        return _("The log-in is signed out everywhere.")
    if act == "factor":
        if _asked_for_two("reset_second_factor", actor, at, user_id):
            return _("This log-in takes two people. It is done as soon as a second person confirms it.")
        operations.reset_second_factor(by=actor, at=at, user_id=user_id)
        return _("The second factor is taken away.")
    return ""


@never_cache
@require_http_methods(["GET", "POST"])
def login_one(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a log-in with what may be done with it; do it."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_logins, actor)
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "password" and _asked_for_two("reset_password", actor, at, user_id):
            messages.success(request, _("This log-in takes two people. It is done as soon as a second person confirms it."))
            return HttpResponseRedirect("/administration/joint/")
        if act == "password":
            user, password = operations.reset_password(by=actor, at=at, user_id=user_id)
            return page(request, "people/login_shown.html", {"user": user, "password": password, "is_new": False})
        words = _done(act, actor, at, user_id)
        if words:
            messages.success(request, words)
        return HttpResponseRedirect(f"/administration/logins/{user_id}/")
    user = queries.user_for(seen_by=actor, user_id=user_id)
    return page(
        request, "people/login_one.html",
        {"user": user, "masked": queries.masked(seen_by=actor, person=user.person) if user.person else {}, "is_own": user.pk == actor.user_id,
         "factor": queries.second_factor(seen_by=actor, user_id=user.pk), "now": at},
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def erasures(request: HttpRequest) -> HttpResponse:
    """Show requests for erasure and decide on those that wait for it."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_decide_erasure, actor)
    form = forms.DecisionForm(request.POST if request.method == "POST" else None)
    refused_id = None
    if request.method == "POST" and form.is_valid() and request.POST.get("request"):
        request_id, approved = numbers.whole(request.POST["request"], field="request"), request.POST.get("decision") == "approve"
        ground = form.cleaned_data["ground"]
        if attempt(form, lambda: operations.decide_erasure(by=actor, at=at, request_id=request_id, approved=approved, ground=ground)) is not None:
            messages.success(request, _("The decision is kept; the person is told if it was declined."))
            return HttpResponseRedirect("/administration/erasures/")
        refused_id = request_id
    rows = [
        (asked, queries.needs_of(seen_by=actor, person_id=asked.person_id, at=at) if asked.is_open else []) for asked in queries.erasures(seen_by=actor)[:100]
    ]
    return page(request, "people/erasures.html", {"rows": rows, "form": form, "refused_id": refused_id, "now": at}, status=422 if form.errors else 200)


@require_safe
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """Show what depends on each key of personal fields in this town."""
    actor = actor_of(request)
    admit(rules.may_see_logins, actor)
    return page(request, "people/keys.html", {"states": queries.key_states(seen_by=actor)})


@never_cache
@require_http_methods(["GET", "POST"])
def joint_acts(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second person; confirm it, decline it, or take one's own back."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_joint_acts, actor)
    if request.method == "POST":
        request_id = numbers.key(request.POST.get("request")) or 0
        asked = queries.joint_request(seen_by=actor, request_id=request_id)
        if request.POST.get("decision") != "confirm":
            operations.decline_joint_act(by=actor, at=at, request_id=asked.pk)
            messages.success(request, _("It is declined."))
            return HttpResponseRedirect("/administration/joint/")
        done, made = operations.confirm_joint_act(by=actor, at=at, request_id=asked.pk)
        if joint.known(done.act).shows:
            return page(request, "people/login_shown.html", {"user": made[0], "password": made[1], "is_new": False})
        messages.success(request, _("It is confirmed and done."))
        return HttpResponseRedirect("/administration/joint/")
    waiting = queries.joint_requests(seen_by=actor, at=at)
    rows = [
        (one, joint.known(one.act).title, joint.known(one.act).words(one.content), one.asked_by_id == actor.person_id, one.concerns_id == actor.person_id)
        for one in waiting[:100]
    ]
    past = [(one, joint.known(one.act).title) for one in queries.joint_requests(seen_by=actor, at=at, waiting=False)[:20]]
    return page(request, "people/joint.html", {"rows": rows, "past": past})
