"""Requests for information: what they are, the year in figures, and the forms by which they are filed."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.cases import following
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.service_line.openness import forms, operations, queries, rules
from gongzhi.service_line.policies import limits

KIND = "disclosure"


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Say how information is requested, and show this year's and last year's requests in figures."""
    actor = actor_of(request)
    year = territory.day_of(seen_by=actor, at=timezone.now()).year
    years = [queries.year(seen_by=actor, number=number) for number in (year, year - 1)]
    return page(request, "openness/requests.html", {"years": years, "may_take_down": rules.may_take_down(actor)})


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """File a request online."""
    return _filed(request, forms.RequestForm)


@never_cache
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    """Take down a request that came on paper or in person."""
    admit(rules.may_take_down, actor_of(request))
    return _filed(request, forms.PaperRequestForm)


def _filed(request: HttpRequest, form_class: type[forms.RequestForm]) -> HttpResponse:
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    form = form_class(request.POST or None, actor=actor, on=on, initial={"received_on": on})
    key = request.POST.get("key", "") or str(uuid.uuid4())
    if request.method == "POST":
        already = following.sent_as(request.session, key)
        if already:
            return HttpResponseRedirect(f"/enquiries/sent/{already}/")
        if form.is_valid():
            def act() -> Any:
                limits.check(request, "requests")
                return operations.request_information(by=actor, at=at, submission_key=key, **form.cleaned_data)

            done = attempt(form, act)
            if done is not None:
                case, code = done
                following.remember_sent(request.session, case, key=key, code=code, kind=KIND, seen_by=actor)
                return HttpResponseRedirect(f"/enquiries/sent/{case.slug}/")
    return page(request, "openness/request.html", {"form": form, "key": key, "is_paper": form_class is forms.PaperRequestForm},
                status=422 if form.errors else 200)  # fmt: skip
