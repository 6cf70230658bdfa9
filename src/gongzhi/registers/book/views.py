"""Pages of the book."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.web import actor_of, admit, attempt, csv_answer, page
from gongzhi.registers.book import forms, money, operations, queries, rules

HOME = "/book/"


@never_cache
@require_safe
def book(request: HttpRequest) -> HttpResponse:
    """Show the balance of a day (today), and what was posted last."""
    actor = actor_of(request)
    admit(rules.may_see_book, actor)
    today = territory.day_of(seen_by=actor, at=timezone.now())
    form = forms.DayForm(request.GET or None, initial={"on": today})
    on = (form.cleaned_data.get("on") if form.is_valid() else None) or today
    return page(
        request, "book/book.html",
        {"balance": queries.balance(seen_by=actor, on=on), "form": form, "on": on, "years": queries.years(seen_by=actor, today=today),
         "postings": queries.postings(seen_by=actor).filter(on__lte=on)[:20], "closed": queries.closed_until(seen_by=actor),
         "keeps": rules.may_keep_book(actor)},
    )  # fmt: skip


@never_cache
@require_safe
def account(request: HttpRequest, code: str) -> HttpResponse:
    """Show what moved an account, the newest first."""
    actor = actor_of(request)
    admit(rules.may_see_book, actor)
    one = queries.account_for(seen_by=actor, code=code)
    return page(request, "book/account.html", {"account": one, "lines": queries.lines_of(seen_by=actor, account=one)[:300]})


@never_cache
@require_http_methods(["GET", "POST"])
def posting(request: HttpRequest, number: int) -> HttpResponse:
    """Show a posting with its act; undo it by one of the opposite amounts."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_see_book, actor)
    one = queries.posting_for(seen_by=actor, number=number)
    form = forms.ReverseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        on = territory.day_of(seen_by=actor, at=at)
        made = attempt(form, lambda: operations.reverse(by=actor, at=at, number=number, on=on, words=form.cleaned_data["words"]))
        if made is not None:
            messages.success(request, _("Reversed; both postings stay."))
            return HttpResponseRedirect(f"{HOME}postings/{made.number}/")
    may_reverse = rules.may_keep_book(actor) and one.reverses_id is None and not hasattr(one, "reversed_by")
    return page(request, "book/posting.html", {"posting": one, "form": form, "may_reverse": may_reverse}, status=422 if form.errors else 200)


def _year(actor: Any, year: int) -> int:
    if not 1900 < year < 10_000:
        raise Http404
    admit(rules.may_see_book, actor)
    return year


@never_cache
@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Show the statement of a year."""
    actor = actor_of(request)
    rows = queries.year_of(seen_by=actor, year=_year(actor, year))
    zero = money.yuan(0)
    sums = {"debit": sum((one.debit for one in rows), zero), "credit": sum((one.credit for one in rows), zero)}
    return page(request, "book/year.html", {"year": year, "rows": rows, **sums})


@never_cache
@require_safe
def export(request: HttpRequest, year: int) -> HttpResponseBase:
    """Give the lines of a year's postings as CSV for the auditor."""
    actor = actor_of(request)
    head = (_("Number"), _("Day"), _("Account"), _("Name of the account"), _("Debit"), _("Credit"), _("What it is for"), _("Act"), _("By"), _("At"))
    rows = queries.export_rows(seen_by=actor, year=_year(actor, year))
    return csv_answer(f"book-{year}.csv", [head, *rows], marked=True)


def _ask(request: HttpRequest, form: Any, act: Any, title: str, button: str, done: str, lead: str = "") -> HttpResponse:
    if request.method == "POST" and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, done)
        return HttpResponseRedirect(HOME)
    words = {"form": form, "title": title, "button": button, "lead": lead, "back": HOME, "back_words": _("Book")}
    return page(request, "portal/form.html", words, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def new_posting(request: HttpRequest) -> HttpResponse:
    """Post an amount from one account to another."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep_book, actor)
    today = territory.day_of(seen_by=actor, at=at)
    form = forms.PostingForm(
        request.POST if request.method == "POST" else None, initial={"on": today}, accounts=queries.accounts(seen_by=actor).filter(closed_on__isnull=True)
    )

    def act() -> Any:
        given = form.cleaned_data
        cents = money.cents(given["amount"])
        lines = [(given["debit"], money.yuan(cents)), (given["credit"], -money.yuan(cents))]
        return operations.post(by=actor, at=at, on=given["on"], words=given["words"], lines=lines, act=f"book.hand:{at.isoformat()}")

    return _ask(request, form, act, _("New posting"), _("Post"), _("Posted."))


@never_cache
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Open an account."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep_book, actor)
    form = forms.AccountForm(request.POST if request.method == "POST" else None)
    return _ask(request, form, lambda: operations.open_account(by=actor, at=at, **form.cleaned_data), _("New account"), _("Open"), _("The account is open."))


@never_cache
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Close the book up to a day."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep_book, actor)
    form = forms.ClosingForm(request.POST if request.method == "POST" else None)
    return _ask(
        request, form, lambda: operations.close_period(by=actor, at=at, **form.cleaned_data), _("Close a period"), _("Close it"),
        _("The period is closed."), _("Nothing is posted for a day of a closed period any more. This cannot be undone."),
    )  # fmt: skip
