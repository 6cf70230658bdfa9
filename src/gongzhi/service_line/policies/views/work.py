"""The desk of policies: prepare, read, link, release, repeal; begin a consultation."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.service_line.policies import forms, letters, operations, queries, rules
from gongzhi.service_line.policies.models import Policy
from gongzhi.service_line.policies.models.policies import STATE_WORDS


def _today(actor: Actor) -> date:
    return territory.day_of(seen_by=actor, at=timezone.now())


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show what is being prepared, what holds, and the drafts on which everybody is asked."""
    actor = actor_of(request)
    admit(rules.may_prepare, actor)
    on = _today(actor)
    return page(request, "policies/work.html", {
        "rows": queries.listed(seen_by=actor, on=on, released=None), "asked": queries.consultations(seen_by=actor, on=on), "on": on,
    })  # fmt: skip


def _fields(policy: Policy, actor: Actor) -> dict[str, Any]:
    names = ("title", "number", "code", "organ_id", "handled_by_id", "topics", "area_id", "signed_on", "valid_from", "valid_until", "evaluate_on", "gist",
             "consultation_id")  # fmt: skip
    found = {name: getattr(policy, name) for name in names}
    found["replaces"] = [one.code for one in queries.replacements(seen_by=actor, policy=policy)]
    found["text"] = letters.joined([(one.number, one.text) for one in policy.clauses.all()])
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write down a policy, or change one that is not released yet."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_prepare, actor)
    on = _today(actor)
    known = queries.policy_for(seen_by=actor, code=code) if code else None
    if known is not None and known.is_released:
        return HttpResponseRedirect(f"/policies/desk/{known.code}/")
    initial = _fields(known, actor) if known else {"signed_on": on, "valid_from": on, "organ_id": next(iter(sorted(actor.organ_ids)), None)}
    form = forms.PolicyForm(request.POST or None, actor=actor, on=on, initial=initial)
    if form.is_valid():
        made = attempt(form, lambda: operations.prepare_policy(by=actor, at=at, policy_id=known.pk if known else None, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("Kept. Only those who work on it see it until it is released."))
            return HttpResponseRedirect(f"/policies/desk/{made.code}/")
    return page(request, "policies/prepare.html", {"form": form, "policy": known}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Work on one policy: its links, papers and questions; release or repeal it."""
    actor, at = actor_of(request), timezone.now()
    found = queries.policy_for(seen_by=actor, code=code)
    admit(rules.may_work_on, actor, found)
    here, on = f"/policies/desk/{found.code}/", _today(actor)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    link = forms.LinkForm(request.POST if what == "link" else None)
    question = forms.QuestionForm(request.POST if what == "question" else None)
    paper = forms.PaperForm(request.POST if what == "paper" else None, request.FILES if what == "paper" else None)
    repeal = forms.RepealForm(request.POST if what == "repeal" else None, initial={"since": on})
    done: Any = None
    try:
        if what == "link" and link.is_valid():
            done = attempt(link, lambda: operations.link_policy(by=actor, at=at, policy_id=found.pk, **link.cleaned_data))
        elif what == "question" and question.is_valid():
            done = attempt(question, lambda: operations.answer_question(by=actor, at=at, policy_id=found.pk, **question.cleaned_data))
        elif what == "paper" and paper.is_valid():
            done = _hang(actor, at, found, paper)
        elif what == "unlink" and numbers.key(request.POST.get("one")):
            done = operations.unlink_policy(by=actor, at=at, policy_id=found.pk, link_id=numbers.key(request.POST.get("one")) or 0)
        elif what == "release":
            done = operations.release_policy(by=actor, at=at, policy_id=found.pk)
            messages.success(request, _("Released. Everybody can read it, and those who asked are told."))
        elif what == "repeal" and repeal.is_valid():
            done = attempt(repeal, lambda: operations.repeal_policy(by=actor, at=at, policy_id=found.pk, **repeal.cleaned_data))
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(here)
    if done is not None:
        return HttpResponseRedirect(here)
    state = found.state_on(on)
    errors = link.errors or question.errors or paper.errors or repeal.errors
    return page(request, "policies/edit.html", {
        "policy": found, "state": state, "words": STATE_WORDS[state], "link": link, "question": question, "paper": paper, "repeal": repeal,
        "ties": list(zip(found.links.all(), queries.ties(seen_by=actor, policy=found), strict=True)),
        "read": sum(1 for one in found.clauses.all() if one.plain), "numbered": sum(1 for one in found.clauses.all() if one.number),
        "replaces": queries.replacements(seen_by=actor, policy=found),
        "may_release": rules.may_release(actor, found), "may_end": rules.may_end(actor, found),
    }, status=422 if errors else 200)  # fmt: skip


def _hang(actor: Actor, at: Any, policy: Policy, form: forms.PaperForm) -> Any:
    file = form.cleaned_data["file"]

    def add() -> Any:
        kept = attachments.add_attachment(by=actor, at=at, content=file.read(), name=file.name, is_public=True)
        return operations.add_paper(by=actor, at=at, policy_id=policy.pk, attachment_id=kept.pk, name=file.name)

    return attempt(form, add)


@never_cache
@require_http_methods(["GET", "POST"])
def reading(request: HttpRequest, code: str) -> HttpResponse:
    """Write the reading beside the letter, clause by clause."""
    actor, at = actor_of(request), timezone.now()
    found = queries.policy_for(seen_by=actor, code=code)
    admit(rules.may_work_on, actor, found)
    lines = "\n".join(" | ".join(filter(None, (row.get("what"), row.get("count"), row.get("note")))) for row in found.affected)
    form = forms.ReadingForm(request.POST or None, clauses=found.clauses.all(), initial={"gist": found.gist, "affected": lines})
    if form.is_valid():
        made = attempt(form, lambda: operations.publish_reading(
            by=actor, at=at, policy_id=found.pk, gist=form.cleaned_data["gist"], plain=form.plain(), affected=form.affected_rows()
        ))  # fmt: skip
        if made is not None:
            messages.success(request, _("The reading stands beside the letter."))
            return HttpResponseRedirect(found.url if found.is_released else f"/policies/desk/{found.code}/")
    return page(request, "policies/reading.html", {"policy": found, "form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def consult(request: HttpRequest) -> HttpResponse:
    """Ask everybody about a draft."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_prepare, actor)
    on = _today(actor)
    initial = {"closes_on": date.fromordinal(on.toordinal() + 30), "organ_id": next(iter(sorted(actor.organ_ids)), None)}
    form = forms.ConsultationForm(request.POST or None, actor=actor, on=on, initial=initial)
    if form.is_valid():
        made = attempt(form, lambda: operations.open_consultation(by=actor, at=at, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("Everybody can read the draft and say what they think."))
            return HttpResponseRedirect(made.url)
    return page(request, "policies/consult.html", {"form": form}, status=422 if form.errors else 200)
