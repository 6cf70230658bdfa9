"""Checking papers for everybody; one's own papers; taking them back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.papers import codes, forms, operations, queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.pages import Order, cut
from gongzhi.kernel.web import actor_of, admit, attempt, page

NEWEST = Order("issued_at", descending=True)


def _today(request: HttpRequest) -> Any:
    return territory.day_of(seen_by=actor_of(request), at=timezone.now())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Ask for the number and code of a paper, or for its file; lead to what is told of it."""
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    number = forms.NumberForm(request.POST if asked == "number" else None)
    brought = forms.BroughtForm(request.POST, request.FILES) if asked == "file" else forms.BroughtForm()
    if number.is_valid():
        given = number.cleaned_data
        found = queries.check_number(seen_by=actor_of(request), number=given["number"], code=given["code"], on=_today(request))
        if found is not None:
            return HttpResponseRedirect(found.paper.check_url)
        number.add_error(None, _("There is no paper with this number and this check code. Look at both again; if they stand so on it, the paper is not ours."))
    if brought.is_valid():
        verdict, found = queries.check_file(seen_by=actor_of(request), content=brought.cleaned_data["file"].read(), on=_today(request))
        return page(request, "papers/checked.html", {"verdict": verdict, "checked": found})
    status = 422 if number.errors or brought.errors else 200
    has_root = queries.root(seen_by=actor_of(request)) is not None
    return page(request, "papers/check.html", {"number": number, "brought": brought, "has_root": has_root}, status=status)


@never_cache
@require_safe
def checked(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the paper with this check code is ours and holds; where a QR code leads."""
    found = queries.check_code(seen_by=actor_of(request), code=code, on=_today(request))
    if found is None:
        return page(request, "papers/checked.html", {"code": codes.written(codes.plain(code))}, status=404)
    return page(request, "papers/checked.html", {"checked": found})


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """Give the town's root certificate, for readers of PDF of one's own."""
    pem = queries.root_pem(seen_by=actor_of(request))
    if pem is None:
        raise Http404
    answer = HttpResponse(pem, content_type="application/x-pem-file")
    answer.headers["Content-Disposition"] = 'attachment; filename="papers-root.pem"'
    return answer


@never_cache
@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """Show one's own papers, or those that one's organ issued."""
    actor = actor_of(request)
    admit(rules.may_read, actor)
    issues = rules.may_read_issued(actor)
    part = "issued" if issues and request.GET.get("part") == "issued" else "own"
    found = queries.issued_papers(seen_by=actor) if part == "issued" else queries.own_papers(seen_by=actor)
    rows = cut(found.order_by(), NEWEST, after=request.GET.get("after", ""), before=request.GET.get("before", ""), most=30)
    on = _today(request)
    return page(request, "papers/papers.html", {"rows": [(one, one.standing(on)) for one in rows], "page": rows, "part": part, "issues": issues})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one paper; suspend, resume or revoke it."""
    actor, at = actor_of(request), timezone.now()
    found = queries.paper_for(seen_by=actor, paper_id=pk)
    may_withdraw = rules.may_withdraw(actor, found) and found.is_open
    asked = request.POST.get("what", "") if request.method == "POST" else ""
    acts = {"suspend": operations.suspend_paper, "revoke": operations.revoke_paper}
    form = forms.WithdrawForm(request.POST if asked in acts else None)
    done = None
    if asked == "resume":
        done = operations.resume_paper(by=actor, at=at, paper_id=pk)
    elif asked in acts and form.is_valid():
        act = acts[asked]
        done = attempt(form, lambda: act(by=actor, at=at, paper_id=pk, reason=form.cleaned_data["reason"]))
    if done is not None:
        messages.success(request, _("Done. Whoever checks the paper reads it from now on."))
        return HttpResponseRedirect(f"/papers/{pk}/")
    return page(
        request,
        "papers/paper.html",
        {
            "paper": found,
            "standing": found.standing(_today(request)),
            "form": form,
            "may_withdraw": may_withdraw,
            "newer": queries.newer(seen_by=actor, paper=found),
        },
        status=422 if form.errors else 200,
    )
