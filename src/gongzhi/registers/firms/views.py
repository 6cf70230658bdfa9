"""Pages of the firms' register."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.lists import Column, Filter, Register, Way, register_file, register_page
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.registers.firms import forms, operations, queries, rules, values
from gongzhi.registers.firms.models import Firm
from gongzhi.registers.grants import queries as grants
from gongzhi.registers.record.asking import LookForm, ValuesForm

HOME = "/registers/firms/"


def _paths(one: Firm) -> list[str]:
    return [area.path for area in (one.area, one.park) if area is not None]


def _list(actor: Actor) -> Register:
    industries = values.industries()
    return Register(
        name="firms",
        title=_("Firms"),
        rows=queries.firms(seen_by=actor),
        columns=(
            Column(name="name", title=_("Name"), value=lambda one: str(one), url=lambda one: f"{HOME}{one.pk}/", order="name"),
            Column(name="code", title=_("Unified social credit code"), value=lambda one: one.code, order="code"),
            Column(name="industry", title=_("Industry"), value=lambda one: one.industry_words, order="industry"),
            Column(name="size", title=_("Size"), value=lambda one: str(one.size_word)),
            Column(name="park", title=_("Park"), value=lambda one: str(one.park or "")),
            Column(name="state", title=_("State"), value=lambda one: str(one.state_word), chip=lambda one: (one.chip, one.icon)),
        ),
        order="name",
        filters=(
            Filter(
                name="section", title=_("Industry"), choices=[(code, name) for code, name in industries.items() if code.isdigit()],
                narrow=lambda rows, code: rows.filter(industry__startswith=code),
            ),
            Filter(name="size", title=_("Size"), choices=values.SIZES, narrow=lambda rows, code: rows.filter(size=code)),
            Filter(
                name="state", title=_("State"), choices=[("here", _("in business here")), ("gone", _("gone"))],
                narrow=lambda rows, code: rows.filter(left_on__isnull=True, closed_on__isnull=True) if code == "here"
                else rows.exclude(left_on__isnull=True, closed_on__isnull=True),
            ),
        ),
        search=lambda rows, words: rows.filter(name_key__contains=values.name_key(words)) | rows.filter(code=words.strip().upper()),
        search_words=_("Name or code"),
        crumbs=(("/registers/", _("Registers")),),
        ways=(Way(url=f"{HOME}new/", title=_("Register a firm"), icon="plus", is_primary=True),),
        nothing=_("No firm is registered yet."),
    )  # fmt: skip


@never_cache
@require_safe
def firms(request: HttpRequest) -> HttpResponse:
    """List the firms."""
    actor = actor_of(request)
    admit(rules.may_use_firms, actor)
    return register_page(request, _list(actor))


@never_cache
@require_safe
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the list as CSV or XLSX."""
    actor = actor_of(request)
    admit(rules.may_use_firms, actor)
    return register_file(request, _list(actor), form)


@never_cache
@require_http_methods(["GET", "POST"])
def firm(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a firm: values with their origin, who speaks for it, figures. A POST shows a contact in the open."""
    actor, at = actor_of(request), timezone.now()
    one = queries.firm_for(seen_by=actor, firm_id=pk)
    form = LookForm(request.POST if request.method == "POST" else None)
    opened: dict[int, tuple[str, str]] = {}
    if request.method == "POST" and form.is_valid():
        for contact, _name, _phone in queries.contacts_of(seen_by=actor, firm=one):
            seen = attempt(form, partial(operations.show_contact, by=actor, at=at, contact_id=contact.pk, purpose=form.cleaned_data["purpose"]))
            if seen is not None:
                opened[contact.pk] = seen
    is_own = actor.can("may_speak_for_firm", organ_id=one.organ_id)
    doubting, granting = doors.hung("own-value") if is_own else [], doors.hung("grant")

    def doubt_url(code: str) -> str:
        return doubting[0].url.format(register="firms", subject=pk, field=code) if doubting else ""

    def grant_url(look: Any) -> str:
        return granting[0].url.format(grant=look.grant_id) if granting and look.grant_id else ""

    keeps = rules.may_keep_firm(actor, _paths(one))
    context = {
        "firm": one,
        "values": [(*each, doubt_url(each[0])) for each in queries.record_of(seen_by=actor, firm=one)],
        "doubts": grants.open_doubts(seen_by=actor, register="firms", subject_id=pk),
        "looks": [(look, grant_url(look)) for look in queries.looks_at(seen_by=actor, firm=one)[:30]] if is_own or keeps else [],
        "contacts": [(contact, *opened.get(contact.pk, (name, phone))) for contact, name, phone in queries.contacts_of(seen_by=actor, firm=one)],
        "figures": list(queries.figures_of(seen_by=actor, firm=one)[:60]),
        "history": queries.history_of(seen_by=actor, firm=one)[:60],
        "keeps": keeps,
        "form": form,
        "is_open": bool(opened),
    }
    return page(request, "firms/firm.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, form: Any, act: Callable[[], Any], to: Callable[[Any], str], **words: Any) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        made = attempt(form, act)
        if made is not None:
            messages.success(request, _("Kept; what it was before stays in the history."))
            return HttpResponseRedirect(to(made))
    return page(request, "portal/form.html", {"form": form, **words}, status=422 if form.errors else 200)


PLAIN = [one for one in values.FIELDS if not one.sealed]


@never_cache
@require_http_methods(["GET", "POST"])
def new_firm(request: HttpRequest) -> HttpResponse:
    """Register a firm."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_use_firms, actor)
    form = ValuesForm(PLAIN, request.POST if request.method == "POST" else None)

    def act() -> Firm:
        given = form.cleaned_data
        return operations.register_firm(by=actor, at=at, given=form.given(), source=given["source"], basis=given["basis"], word=given["word"])

    return _ask(request, form, act, lambda made: f"{HOME}{made.pk}/", title=_("Register a firm"), button=_("Register"), back=HOME, back_words=_("Firms"))


@never_cache
@require_http_methods(["GET", "POST"])
def change_firm(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell values of a firm anew; empty fields are left as they are."""
    actor, at = actor_of(request), timezone.now()
    one = queries.firm_for(seen_by=actor, firm_id=pk)
    admit(rules.may_keep_firm, actor, _paths(one))
    form = ValuesForm(PLAIN, request.POST if request.method == "POST" else None)

    def act() -> Firm:
        given = form.cleaned_data
        return operations.change_firm(by=actor, at=at, firm_id=pk, given=form.given(), source=given["source"], basis=given["basis"], word=given["word"])

    title = _("Change %(name)s") % {"name": one}
    return _ask(
        request, form, act, lambda made: f"{HOME}{pk}/", title=title, button=_("Keep"), back=f"{HOME}{pk}/", back_words=one, lead=_("Fill in only what is new.")
    )


@never_cache
@require_http_methods(["GET", "POST"])
def new_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who speaks for a firm."""
    actor, at = actor_of(request), timezone.now()
    one = queries.firm_for(seen_by=actor, firm_id=pk)
    admit(rules.may_keep_firm, actor, _paths(one))
    form = forms.ContactForm(request.POST if request.method == "POST" else None)
    return _ask(
        request, form, lambda: operations.set_contact(by=actor, at=at, firm_id=pk, **form.cleaned_data), lambda made: f"{HOME}{pk}/",
        title=_("Contact of the firm"), button=_("Keep"), back=f"{HOME}{pk}/", back_words=one,
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new_figure(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a figure of a firm."""
    actor, at = actor_of(request), timezone.now()
    one = queries.firm_for(seen_by=actor, firm_id=pk)
    admit(rules.may_keep_firm, actor, _paths(one))
    form = forms.FigureForm(request.POST if request.method == "POST" else None)
    return _ask(
        request, form, lambda: operations.tell_figure(by=actor, at=at, firm_id=pk, **form.cleaned_data), lambda made: f"{HOME}{pk}/",
        title=_("Figure of the firm"), button=_("Keep"), back=f"{HOME}{pk}/", back_words=one,
    )  # fmt: skip
