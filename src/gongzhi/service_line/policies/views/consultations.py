"""Drafts on which everybody is asked: the list, one draft with its opinions and answers, and the page on which they are answered."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.service_line.policies import forms, limits, operations, queries, rules
from gongzhi.service_line.policies.models.consultations import STATE_WORDS


def _today(actor: Actor) -> date:
    return territory.day_of(seen_by=actor, at=timezone.now())


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """List the drafts on which everybody is or was asked."""
    actor = actor_of(request)
    return page(request, "policies/consultations.html", {"rows": queries.consultations(seen_by=actor, on=_today(actor)),
                                                         "may_prepare": rules.may_prepare(actor)})  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def consultation(request: HttpRequest, code: str) -> HttpResponse:
    """Show a draft section by section with what people think of it and what became of that; take an opinion."""
    actor, at = actor_of(request), timezone.now()
    found = queries.consultation_for(seen_by=actor, code=code)
    sections = queries.sections(seen_by=actor, consultation=found)
    chosen = numbers.key(request.GET.get("section"))
    form = forms.OpinionForm(request.POST or None, sections=[one for one, _given in sections], initial={"section_id": chosen or ""})
    if form.is_valid():
        def give() -> Any:
            limits.check(request, "opinions")
            return operations.give_opinion(by=actor, at=at, consultation_id=found.pk, **form.cleaned_data)

        if attempt(form, give) is not None:
            messages.success(request, _("Thank you. Your opinion stands here without your name, and it will be answered."))
            return HttpResponseRedirect(found.url)
    state = found.state_on(_today(actor))
    general = [one for one in queries.opinions(seen_by=actor, consultation=found) if one.section_id is None]
    return page(request, "policies/consultation.html", {
        "asked": found, "state": state, "words": STATE_WORDS[state], "sections": sections, "general": general, "form": form,
        "counted": queries.outcome(seen_by=actor, consultation=found), "may_answer": rules.may_answer(actor, found),
        "released": [one for one in found.policies.all() if one.is_released],
    }, status=422 if form.errors else 200)  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, code: str) -> HttpResponse:
    """Answer opinions, several alike with one answer, and publish the result."""
    actor, at = actor_of(request), timezone.now()
    found = queries.consultation_for(seen_by=actor, code=code)
    admit(rules.may_answer, actor, found)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    answer = forms.AnswerForm(request.POST if what == "answer" else None)
    result = forms.ResultForm(request.POST if what == "result" else None)
    chosen = [one for one in map(numbers.key, request.POST.getlist("opinions")) if one is not None]
    done: Any = None
    try:
        if what == "answer" and answer.is_valid():
            done = attempt(answer, lambda: operations.answer_opinions(by=actor, at=at, consultation_id=found.pk, opinion_ids=chosen, **answer.cleaned_data))
        elif what == "result" and result.is_valid():
            done = attempt(result, lambda: operations.publish_result(by=actor, at=at, consultation_id=found.pk, **result.cleaned_data))
            if done is not None:
                messages.success(request, _("The result is published."))
                return HttpResponseRedirect(found.url)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(f"{found.url}answers/")
    if done is not None:
        return HttpResponseRedirect(f"{found.url}answers/")
    state = found.state_on(_today(actor))
    return page(request, "policies/answers.html", {
        "asked": found, "state": state, "words": STATE_WORDS[state], "waiting": queries.opinions(seen_by=actor, consultation=found, answered=False),
        "given": queries.opinions(seen_by=actor, consultation=found, answered=True), "answer": answer, "result": result, "chosen": chosen,
        "counted": queries.outcome(seen_by=actor, consultation=found),
    }, status=422 if answer.errors or result.errors else 200)  # fmt: skip
