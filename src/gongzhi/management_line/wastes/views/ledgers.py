"""The ledgers of waste: all of the town for officers, their own for firms."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors, numbers
from gongzhi.kernel.filling import answer_form, refuse
from gongzhi.kernel.lists import Column, Filter, Register, Way, register_file, register_page
from gongzhi.kernel.operation import NotAllowed, Refused
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.wastes import forms, operations, queries, rules
from gongzhi.management_line.wastes.models import Booking, Waste

MOST = 100


def _wastes(request: HttpRequest) -> Register:
    actor = actor_of(request)
    on = territory.day_of(seen_by=actor, at=timezone.now())
    admit(rules.sees_ledgers, actor)
    found = queries.wastes(seen_by=actor, on=on)
    in_ledgers = sorted({(str(one.waste.organ_id), str(one.waste.organ)) for one in found})

    def amount(kind: str) -> Any:
        return lambda one: float(one.year.get(kind, 0))

    def search(rows: Any, words: str) -> Any:
        return [one for one in rows if words.lower() in f"{one.waste} {one.waste.organ}".lower()]

    return Register(
        name="wastes",
        title=_("Waste ledgers"),
        rows=found,
        order="firm",
        crumbs=[("/environment/", _("Environment"))],
        lead=_("What came in must be what went out or lies there. Tonnes; sums of the year so far."),
        columns=[
            Column(
                name="waste",
                title=_("Waste"),
                value=lambda one: one.waste.name,
                url=lambda one: f"/wastes/{one.waste.pk}/",
                note=lambda one: one.waste.code,
                order="waste",
            ),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.waste.organ), order="firm"),
            Column(name="sort", title=_("Sort"), value=lambda one: _("hazardous") if one.waste.is_hazardous else _("general"), order="sort"),
            Column(name="stock", title=_("In stock"), value=lambda one: float(one.stock), decimals=3, order="stock", end=True),
            Column(name="produced", title=_("Produced"), value=amount("produced"), decimals=3, order="produced", end=True),
            Column(name="moved", title=_("Moved"), value=amount("moved"), decimals=3, order="moved", end=True),
            Column(
                name="disposed",
                title=_("Used or disposed of"),
                value=lambda one: float(one.year.get("used", 0) + one.year.get("disposed", 0)),
                decimals=3,
                order="disposed",
                end=True,
            ),
            Column(name="due", title=_("Oldest may lie until"), value=lambda one: one.due_on, order="due"),
            Column(
                name="state",
                title=_("State"),
                value=lambda one: str(one.STATE_WORDS[one.state][0]),
                chip=lambda one: one.STATE_WORDS[one.state][1:],
                order="state",
            ),
        ],
        filters=[
            Filter(
                name="sort",
                title=_("Sort"),
                choices=[("hazardous", _("hazardous")), ("general", _("general"))],
                narrow=lambda rows, code: [one for one in rows if one.waste.is_hazardous == (code == "hazardous")],
            ),
            Filter(
                name="state",
                title=_("State"),
                choices=[(code, words[0]) for code, words in queries.WasteNow.STATE_WORDS.items()],
                narrow=lambda rows, code: [one for one in rows if one.state == code],
            ),
            *(
                [Filter(name="firm", title=_("Firm"), choices=in_ledgers, narrow=lambda rows, code: [one for one in rows if str(one.waste.organ_id) == code])]
                if len(in_ledgers) > 1
                else []
            ),
        ],
        search=search,
        search_words=_("Waste, code or firm"),
        ways=[Way(url="/wastes/new/", title=_("A new ledger"), is_primary=True)] if _opens(request) else [],
        nothing=_("No ledger is kept"),
        nothing_more=_("A firm opens a ledger for each of its wastes."),
    )


def _opens(request: HttpRequest) -> list[tuple[int, str]]:
    """Return the firms for which the reader may open a ledger."""
    actor = actor_of(request)
    return [(pk, name) for pk, name in organs.firms(seen_by=actor) if rules.may_open_ledger(actor, pk)]


@never_cache
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """List the ledgers."""
    return register_page(request, _wastes(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/wastes/"))


@never_cache
@require_GET
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list of ledgers as a file."""
    return register_file(request, _wastes(request), form)


@never_cache
@require_http_methods(["GET", "POST"])
def new_ledger(request: HttpRequest) -> HttpResponse:
    """Open a ledger."""
    actor, at = actor_of(request), timezone.now()
    choices = _opens(request)
    admit(rules.may_open_ledger, actor, choices[0][0] if choices else 0)
    on = territory.day_of(seen_by=actor, at=at)
    form = forms.LedgerForm(choices, request.POST if request.method == "POST" else None, initial={"opened_on": on, "opening": Decimal(0)})

    def act(given: dict[str, Any]) -> str:
        made = operations.open_ledger(by=actor, at=at, organ_id=given.pop("organ"), **given)
        return f"/wastes/{made.pk}/"

    return answer_form(
        request, form, act, done=_("The ledger is open."), title=_("A new ledger"), button=_("Open the ledger"), back="/wastes/", back_words=_("Waste ledgers")
    )


@never_cache
@require_http_methods(["GET", "POST"])
def ledger(request: HttpRequest, waste_id: int) -> HttpResponse:
    """Show a ledger: stock, balance between counts, lines; take a line, a count, or the strike of a line."""
    actor, at = actor_of(request), timezone.now()
    on = territory.day_of(seen_by=actor, at=at)
    found = queries.waste_for(seen_by=actor, waste_id=waste_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    all_forms: dict[str, Form] = {
        "book": forms.BookingForm(request.POST if act == "book" else None, initial={"on": on}),
        "count": forms.CountForm(request.POST if act == "count" else None, initial={"on": on}),
        "strike": forms.StrikeForm(request.POST if act == "strike" else None),
    }
    form = all_forms.get(act)
    if form is not None:
        admit(rules.may_count if act == "count" else rules.may_book, actor, found.organ_id)
    if form is not None and form.is_valid():
        try:
            messages.success(request, _do(act, request, dict(form.cleaned_data), {"by": actor, "at": at}, found))
        except NotAllowed:
            raise
        except Refused as refused:
            refuse(form, refused)
        else:
            return HttpResponseRedirect(request.path)
    state = queries.now(seen_by=actor, waste=found, on=on)
    lines = list(queries.bookings(seen_by=actor, waste_id=found.pk)[: MOST + 1])
    return page(
        request,
        "wastes/ledger.html",
        {
            "now": at,
            "waste": found,
            "state": state,
            "words": state.STATE_WORDS[state.state],
            "balances": queries.balances(seen_by=actor, waste=found, on=on),
            "lines": lines[:MOST],
            "more": len(lines) > MOST,
            "most": MOST,
            "may_book": rules.may_book(actor, found.organ_id) and found.closed_on is None,
            "may_count": rules.may_count(actor, found.organ_id) and found.closed_on is None,
            "forms": all_forms,
            "struck": request.POST.get("booking", "") if act == "strike" else "",
            "closed_to": state.last_count.on if state.last_count else None,
        },
        status=422 if any(each.errors for each in all_forms.values()) else 200,
    )


def _do(act: str, request: HttpRequest, given: dict[str, Any], who: dict[str, Any], waste: Waste) -> str:
    """Do what a form of the ledger asks; return what to say."""
    if act == "book":
        operations.book_waste(**who, waste_id=waste.pk, **given)
        return _("The line is in the ledger.")
    if act == "count":
        made = operations.count_stock(**who, waste_id=waste.pk, **given)
        return (
            _("The count is recorded and flagged; its explanation stands beside it.") if made.is_flagged else _("The count is recorded; the ledger balances.")
        )
    wanted = request.POST.get("booking", "")
    booking = queries.bookings(seen_by=who["by"], waste_id=waste.pk).get(pk=numbers.key(wanted) or 0)
    operations.strike_booking(**who, booking_id=booking.pk, reason=given["reason"])
    return _("The line is struck; it stays readable.")


# ---- the lines of all ledgers ---------------------------------------------------------------------------------------
def _lines(request: HttpRequest) -> Register:
    actor = actor_of(request)
    admit(rules.sees_ledgers, actor)
    return Register(
        name="waste-lines",
        title=_("Ledger lines"),
        rows=queries.bookings(seen_by=actor),
        order="-on",
        crumbs=[("/environment/", _("Environment")), ("/wastes/", _("Waste ledgers"))],
        columns=[
            Column(name="on", title=_("Day"), value=lambda one: one.on, order="on"),
            Column(name="firm", title=_("Firm"), value=lambda one: str(one.waste.organ), order="waste__organ__name"),
            Column(name="waste", title=_("Waste"), value=lambda one: str(one.waste), url=lambda one: f"/wastes/{one.waste_id}/", order="waste__code"),
            Column(name="kind", title=_("Movement"), value=lambda one: str(one.word), order="kind"),
            Column(name="amount", title=_("Tonnes"), value=lambda one: float(one.amount), decimals=4, order="amount", end=True),
            Column(name="manifest", title=_("Manifest"), value=lambda one: one.manifest, order="manifest"),
            Column(name="carrier", title=_("Carrier"), value=lambda one: one.carrier, order="carrier"),
            Column(name="partner", title=_("Receiver or sender"), value=lambda one: one.partner, order="partner"),
            Column(name="struck", title=_("Struck"), value=lambda one: one.struck_at, note=lambda one: one.strike_reason),
        ],
        filters=[
            Filter(
                name="kind",
                title=_("Movement"),
                choices=[(code, words[0]) for code, words in Booking.WORDS.items()],
                narrow=lambda rows, code: rows.filter(kind=code),
            )
        ],
        search=lambda rows, words: rows.filter(manifest__icontains=words) | rows.filter(waste__name__icontains=words),
        search_words=_("Manifest or waste"),
        nothing=_("Nothing is booked"),
    )


@never_cache
@require_GET
def lines(request: HttpRequest) -> HttpResponse:
    """List the lines of all ledgers that the reader may see."""
    return register_page(request, _lines(request), tabs=doors.tabs("registers", actor=actor_of(request), at=timezone.now(), here="/wastes/"))


@never_cache
@require_GET
def lines_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the lines of all ledgers as a file."""
    return register_file(request, _lines(request), form)
