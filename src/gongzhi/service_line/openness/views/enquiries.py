"""Asking the town: what may answer is shown before a question is sent; questions and answers for everybody."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.cases import following
from gongzhi.cases import queries as cases
from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers, pages
from gongzhi.kernel.web import actor_of, attempt, page
from gongzhi.service_line.openness import forms, operations, queries
from gongzhi.service_line.policies import limits
from gongzhi.service_line.policies import queries as policies

KIND = "enquiry"
ORDER = pages.Order("answered_at", descending=True)


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show answered questions: those that fit some words, else the newest, of one unit or of all."""
    actor, at = actor_of(request), timezone.now()
    text, organ_id = request.GET.get("q", "").strip()[:200], numbers.key(request.GET.get("organ"))
    on = territory.day_of(seen_by=actor, at=at)
    found = policies.likely(seen_by=actor, text=text, on=on, most=20, least=0.1) if text else []
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    shown = pages.cut(queries.answered(seen_by=actor, organ_id=organ_id), ORDER, after=after, before=before, most=30)
    return page(request, "openness/enquiries.html", {
        "q": text, "found": found, "rows": shown, "organs": queries.organs_asked(seen_by=actor, on=on), "organ_id": organ_id,
    })  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Take a question: first show what may answer it, then send it."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    about = request.POST.get("policy", request.GET.get("policy", ""))[:60]
    policy = policies.policies(seen_by=actor).filter(code=about).first() if about else None
    first = policy.handled_by_id or policy.organ_id if policy else numbers.key(request.GET.get("organ"))
    form = forms.AskForm(request.POST or None, actor=actor, on=on, initial={"organ_id": first, "text": request.GET.get("q", "")[:400]})
    key = request.POST.get("key", "") or str(uuid.uuid4())
    likely: list[Any] = []
    if request.method == "POST":
        already = following.sent_as(request.session, key)
        if already:
            return HttpResponseRedirect(f"/enquiries/sent/{already}/")
        if form.is_valid():
            likely = policies.likely(seen_by=actor, text=form.cleaned_data["text"], on=on, most=4)
            if request.POST.get("go") == "send" or not likely:
                sent_page = _send(request, form, key, policy, numbers.key(request.POST.get("offered")) or 0)
                if sent_page is not None:
                    return sent_page
    return page(request, "openness/ask.html", {"form": form, "key": key, "likely": likely, "policy": policy}, status=422 if form.errors else 200)


def _send(request: HttpRequest, form: forms.AskForm, key: str, policy: Any, offered: int) -> HttpResponse | None:
    actor, at = actor_of(request), timezone.now()

    def act() -> Any:
        limits.check(request, "enquiries")
        return operations.ask(by=actor, at=at, policy_id=policy.pk if policy else None, offered=offered, submission_key=key, **form.cleaned_data)

    done = attempt(form, act)
    if done is None:
        return None
    case, code = done
    following.remember_sent(request.session, case, key=key, code=code, kind=KIND, seen_by=actor)
    if masking.masked(form.cleaned_data["text"]) != form.cleaned_data["text"]:
        messages.warning(request, str(following.MASKED))
    return HttpResponseRedirect(f"/enquiries/sent/{case.slug}/")


@require_safe
@never_cache
def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell whoever has just asked or requested: number, follow code, who has it and until when."""
    told = following.sent(request.session, slug)
    if told is None:
        return HttpResponseRedirect(f"/follow/?number={slug}")
    party_id = following.party_id(request.session, told["case_id"])
    actor, at = actor_of(request).with_cases([told["case_id"]], [party_id] if party_id is not None else ()), timezone.now()
    case = cases.case_for(seen_by=actor, slug=slug)
    link = request.build_absolute_uri("/follow/") + (f"#{told['code']}" if told["code"] else "")
    return page(request, "openness/sent.html", {
        "case": case, "code": told["code"], "now": at, "qr": following.qr_of(link) if told["code"] else "", "is_request": case.kind == "disclosure",
        "clock": cases.clock_of(seen_by=actor, case=case, at=at),
    })  # fmt: skip


@require_safe
@never_cache
def enquiry(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a question with its answers to everybody; whoever asked is led to where they ask on and rate."""
    actor, at = actor_of(request), timezone.now()
    case = queries.case_of(seen_by=actor, slug=slug)
    found = queries.enquiry_of(seen_by=actor, case=case)
    is_own = bool(actor.person_id and case.raised_by_id == actor.person_id) or following.party_id(request.session, case.pk) is not None
    return page(request, "openness/enquiry.html", {
        "case": case, "enquiry": found, "thread": queries.thread(seen_by=actor, case=case), "is_own": is_own, "now": at,
        "clock": cases.clock_of(seen_by=actor, case=case, at=at), "ratings": cases.ratings(seen_by=actor, case=case),
    })  # fmt: skip
