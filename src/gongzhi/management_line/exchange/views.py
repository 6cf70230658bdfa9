"""Pages of exchange: the catalogue, asking, grants and their use, doubts, and systems outside that send."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import lists
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.lists import Column, Filter, Way, register_file, register_page
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.management_line.exchange import forms, operations, queries, rules
from gongzhi.registers.grants import operations as grant_operations
from gongzhi.registers.grants import queries as grant_queries
from gongzhi.registers.grants import rules as grant_rules

HOME = "/exchange/"


def _source(actor: Actor, code: str) -> Any:
    found = grant_queries.source_or_none(seen_by=actor, code=code)
    if found is None:
        raise Http404(code)
    return found


# ---- the catalogue --------------------------------------------------------------------------------------------------
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """Show which data are held here and by whom elsewhere; and, to those who use or answer for data, the ways on."""
    actor, at = actor_of(request), timezone.now()
    sets = {one.register: one for one in grant_queries.data_sets(seen_by=actor)}
    listed = []
    for one in grant_queries.catalogued(seen_by=actor):
        entries = grant_queries.entries(seen_by=actor, register=one.code, at=at)
        shares = {number: sum(entry.share == number for entry in entries) for number in (1, 2, 3)}
        complete = [entry.complete for entry in entries if entry.complete is not None]
        listed.append(
            {
                "code": one.code, "title": one.title, "count": len(entries), "set": sets.get(one.code), "shares": shares,
                "complete": sum(complete) // len(complete) if complete else None, "doubts": sum(entry.doubts for entry in entries),
                "may_ask": rules.may_open_request(actor) and (shares[1] or shares[2]),
            }
        )  # fmt: skip
    usable = grant_queries.usable(seen_by=actor, at=at) if rules.may_use_exchange(actor) else []
    context = {
        "held": [one for one in listed if one["set"] is None], "elsewhere": [one for one in listed if one["set"] is not None],
        "inside": rules.may_use_exchange(actor), "usable": usable[:6], "waiting": queries.waiting(seen_by=actor, at=at),
        "keeps": grant_rules.may_keep_catalogue(actor),
    }  # fmt: skip
    return page(request, "exchange/catalogue.html", context)


def _entries(actor: Actor, code: str) -> lists.Register:
    source, at = _source(actor, code), timezone.now()
    rows = grant_queries.entries(seen_by=actor, register=code, at=at)
    keeps = grant_rules.may_keep_catalogue(actor) and not code.startswith("set:")
    ways = [Way(url=f"{HOME}ask/{code}/", title=_("Ask for fields"), icon="send", is_primary=True)] if rules.may_open_request(actor) else []

    def hundred(number: int | None) -> str:
        return "" if number is None else f"{number}%"

    return lists.Register(
        name=f"catalogue-{code.replace(':', '-')}", title=source.title, rows=rows, order="",
        lead=_("What each field means, which one unit answers for it, whether it is given, and how good it is."),
        columns=(
            Column(name="field", title=pgettext("register", "Field"), value=lambda one: str(one.field.title), note=lambda one: str(one.field.meaning),
                   url=(lambda one: f"{HOME}catalogue/{code}/{one.field.code}/") if keeps else None),
            Column(name="organ", title=_("Answers for it"), value=lambda one: str(one.organ or _("no unit yet"))),
            Column(name="share", title=_("Sharing"), value=lambda one: str(one.share_word), chip=lambda one: (one.share_chip, one.share_icon),
                   note=lambda one: one.basis),
            Column(name="period", title=_("Told anew"), value=lambda one: str(one.period_word)),
            Column(name="complete", title=_("Complete"), value=lambda one: hundred(one.complete), end=True),
            Column(name="fresh", title=_("Fresh"), value=lambda one: hundred(one.fresh), end=True),
            Column(name="doubts", title=_("In doubt"), value=lambda one: one.doubts or "", end=True),
        ),
        filters=(
            Filter(name="share", title=_("Sharing"), choices=[(str(number), words) for number, words in forms.SHARES.items()],
                   narrow=lambda rows, chosen: [one for one in rows if str(one.share) == chosen]),
        ),
        crumbs=((HOME, _("Data exchange")),), ways=ways, nothing=_("No field is listed."),
    )  # fmt: skip


@require_safe
def register(request: HttpRequest, register: str, form: str = "") -> HttpResponseBase:
    """Show the catalogue of one register or data set, or give it as a file."""
    found = _entries(actor_of(request), register)
    return register_file(request, found, form) if form else register_page(request, found)


def _ask(request: HttpRequest, form: Any, act: Callable[[], Any], to: Callable[[Any], str], done: Any, **words: Any) -> HttpResponse:
    """Show a form, or do what it asks for."""
    if request.method == "POST" and form.is_valid():
        made = attempt(form, act)
        if made is not None:
            messages.success(request, done)
            return HttpResponseRedirect(to(made))
    return page(request, "portal/form.html", {"form": form, **words}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def entry(request: HttpRequest, register: str, field: str) -> HttpResponse:
    """Say which unit answers for a field, and how it is shared."""
    actor, at = actor_of(request), timezone.now()
    admit(grant_rules.may_keep_catalogue, actor)
    source = _source(actor, register)
    known = grant_queries.entry_of(seen_by=actor, register=register, field=field, at=at)
    if known is None or register.startswith("set:"):
        raise Http404(field)
    initial = {"organ": known.organ.pk if known.organ else None, "share": known.share, "basis": known.basis, "period": known.period}
    form = forms.EntryForm(actor, request.POST if request.method == "POST" else None, initial=initial)

    def act() -> Any:
        given = form.cleaned_data
        return grant_operations.catalogue_field(
            by=actor, at=at, register=register, field=field, organ_id=given["organ"], share=given["share"], basis=given["basis"], period=given["period"]
        )

    back = f"{HOME}catalogue/{register}/"
    return _ask(request, form, act, lambda made: back, _("Kept."), title=known.field.title, lead=known.field.meaning, button=_("Keep"), back=back,
                back_words=source.title)  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new_set(request: HttpRequest) -> HttpResponse:
    """List a data set that an organ holds elsewhere."""
    actor, at = actor_of(request), timezone.now()
    admit(grant_rules.may_keep_catalogue, actor)
    form = forms.DataSetForm(actor, request.POST if request.method == "POST" else None, initial={"share": 2, "period": "month"})

    def act() -> Any:
        given = {name: value for name, value in form.cleaned_data.items() if name not in ("organ", "schema")}
        try:
            return grant_operations.define_data_set(by=actor, at=at, organ_id=form.cleaned_data["organ"], fields=form.rows(), **given)
        except grant_operations.BadSchema as refused:
            refused.field = "schema"
            raise

    return _ask(request, form, act, lambda made: f"{HOME}catalogue/{made.register}/", _("Listed in the catalogue."), title=_("A data set held elsewhere"),
                button=_("List it"), back=HOME, back_words=_("Data exchange"))  # fmt: skip


# ---- requests -------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, register: str) -> HttpResponse:
    """Ask the units that answer for them for fields of a register or data set."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_open_request, actor)
    source = _source(actor, register)
    entries = grant_queries.entries(seen_by=actor, register=register, at=at, with_quality=False)
    own = organs.organs_by_id(seen_by=actor, organ_ids=[duty.organ_id for duty in actor.duties if duty.can("may_use_data")])
    today = grant_queries.today(seen_by=actor, at=at)
    initial = {"starts_on": today, "ends_on": today + timedelta(days=364)}
    form = forms.AskForm(actor, entries, [(pk, str(one)) for pk, one in own.items()], request.POST if request.method == "POST" else None, initial=initial)

    def act() -> Any:
        given = form.cleaned_data
        try:
            return operations.ask_for_data(
                by=actor, at=at, organ_id=given["organ"], register=register, fields=given["fields_asked"], purpose=given["purpose"], basis=given["basis"],
                starts_on=given["starts_on"], ends_on=given["ends_on"],
            )  # fmt: skip
        except (grant_operations.NoFields, grant_operations.NoSuchField, grant_operations.NotShared, operations.NobodyAnswers, operations.OwnData) as refused:
            refused.field = "fields_asked"
            raise

    made_words = _("Asked. The unit that answers for the fields decides within ten working days.")
    return _ask(
        request, form, act, lambda made: f"/cases/{made[0].case.slug}/" if len(made) == 1 else f"{HOME}requests/", made_words,
        title=_("Ask for %(register)s") % {"register": source.title}, button=_("Ask"), back=f"{HOME}catalogue/{register}/", back_words=source.title,
        lead=_("Only what your unit needs for this purpose. Each field is decided by the unit that answers for it, never by yours."),
    )  # fmt: skip


def _request_list(actor: Actor) -> lists.Register:
    return lists.Register(
        name="data-requests", title=_("Requests for data"), rows=queries.requests(seen_by=actor), order="",
        columns=(
            Column(name="number", title=_("Case"), value=lambda one: one.case.number, url=lambda one: f"/cases/{one.case.slug}/"),
            Column(name="register", title=_("Data"), value=lambda one: grant_queries.title_of(seen_by=actor, code=one.register), note=lambda one: one.purpose),
            Column(name="organ", title=_("Asks"), value=lambda one: str(one.organ)),
            Column(name="authority", title=_("Decides"), value=lambda one: str(one.authority)),
            Column(name="until", title=_("Until"), value=lambda one: one.ends_on),
            Column(name="state", title=_("State"), value=lambda one: str(one.case.state_word), chip=lambda one: (one.case.chip, one.case.icon)),
        ),
        filters=(
            Filter(name="state", title=_("State"), choices=[("open", _("waits for an answer")), ("done", _("answered"))],
                   narrow=lambda rows, chosen: rows.filter(answered_at__isnull=chosen == "open")),
        ),
        crumbs=((HOME, _("Data exchange")),), nothing=_("Nothing was asked for yet."),
        ways=(Way(url=f"{HOME}grants/", title=_("Grants"), icon="shield-check"),),
    )  # fmt: skip


@never_cache
@require_safe
def requests(request: HttpRequest, form: str = "") -> HttpResponseBase:
    """List what the reader's units asked for and what they are asked."""
    actor = actor_of(request)
    admit(rules.may_use_exchange, actor)
    return register_file(request, _request_list(actor), form) if form else register_page(request, _request_list(actor))


# ---- grants ---------------------------------------------------------------------------------------------------------
def _grant_list(actor: Actor, at: Any) -> lists.Register:
    stale = {one.pk for one in grant_queries.unused(seen_by=actor, at=at)}
    rows = grant_queries.grants(seen_by=actor, at=at)

    def used(one: Any) -> str:
        return ngettext("%(n)d use", "%(n)d uses", one.uses) % {"n": one.uses}

    return lists.Register(
        name="grants", title=_("Grants"), rows=rows, order="",
        lead=_("Which unit may see which fields of whose answering, for what, until when. Nobody's value stands here."),
        columns=(
            Column(name="number", title=_("Grant"), value=lambda one: str(one), url=lambda one: f"{HOME}grants/{one.pk}/"),
            Column(
                name="fields", title=pgettext("register", "Fields"), value=lambda one: "、".join(one.field_words),
                note=lambda one: f"{one.title} · {one.purpose}",
            ),
            Column(name="organ", title=_("May see"), value=lambda one: str(one.organ)),
            Column(name="authority", title=_("Granted by"), value=lambda one: str(one.authority)),
            Column(name="until", title=_("Last day"), value=lambda one: one.ends_on),
            Column(name="uses", title=_("Used"), value=used, end=True, note=lambda one: _("unused for 90 days") if one.pk in stale else ""),
            Column(name="state", title=_("State"), value=lambda one: str(one.state_word), chip=lambda one: (one.chip, one.icon)),
        ),
        filters=(
            *([Filter(name="mine", title=_("Of my unit"), choices=[("held", _("my unit may use")), ("given", _("my unit gave"))],
                      narrow=partial(_whose, actor))] if actor.duties else []),
            Filter(name="state", title=_("State"), choices=[("running", _("in force")), ("unused", _("unused for 90 days")), ("over", _("over"))],
                   narrow=partial(_how, stale)),
        ),
        crumbs=((HOME, _("Data exchange")),), nothing=_("No grant was given yet."),
    )  # fmt: skip


def _how(stale: set[int], rows: list[Any], chosen: str) -> list[Any]:
    return [one for one in rows if (one.pk in stale if chosen == "unused" else (one.state == "running") == (chosen == "running"))]


def _whose(actor: Actor, rows: list[Any], chosen: str) -> list[Any]:
    return [one for one in rows if actor.serves_in(one.organ_id if chosen == "held" else one.authority_id)]


@never_cache
@require_safe
def grants(request: HttpRequest, form: str = "") -> HttpResponseBase:
    """List the grants: everybody may read who may see what."""
    actor, at = actor_of(request), timezone.now()
    return register_file(request, _grant_list(actor, at), form) if form else register_page(request, _grant_list(actor, at))


@never_cache
@require_safe
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a grant; to its two units also its uses: when, which fields, for what matter. Whose they were stands on the owner's page only."""
    actor, at = actor_of(request), timezone.now()
    found = grant_queries.grant_for(seen_by=actor, grant_id=pk, at=at)
    is_side = grant_rules.may_end(actor, found)
    context = {
        "grant": found, "is_side": is_side, "uses": list(grant_queries.uses(seen_by=actor, grant=found)[:50]) if is_side else [],
        "may_use": found.state == "running" and grant_rules.may_use(actor, found), "may_end": is_side and found.state in ("running", "waiting"),
    }  # fmt: skip
    return page(request, "exchange/grant.html", context)


@sensitive_post_parameters("shown")
@never_cache
@require_http_methods(["GET", "POST"])
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill a form through a grant: whoever it is about shows the number; the values come with their source and day."""
    actor, at = actor_of(request), timezone.now()
    found = grant_queries.grant_for(seen_by=actor, grant_id=pk, at=at)
    admit(grant_rules.may_use, actor, found)
    source = _source(actor, found.register)
    form = forms.UseForm(source.subjects.shown_as if source.subjects else "", request.POST if request.method == "POST" else None)
    filled = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        filled = attempt(
            form, lambda: grant_operations.fill(by=actor, at=at, grant_id=pk, register=found.register, shown=given["shown"], purpose=given["purpose"])
        )
    return page(request, "exchange/use.html", {"grant": found, "form": form, "filled": filled}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a grant."""
    actor, at = actor_of(request), timezone.now()
    found = grant_queries.grant_for(seen_by=actor, grant_id=pk, at=at)
    admit(grant_rules.may_end, actor, found)
    form = forms.EndForm(request.POST if request.method == "POST" else None)
    back = f"{HOME}grants/{pk}/"
    return _ask(
        request, form, lambda: grant_operations.end_grant(by=actor, at=at, grant_id=pk, reason=form.cleaned_data["reason"]), lambda made: back,
        _("Ended. Nothing is seen through it any more."), title=_("End the grant %(number)s") % {"number": found}, button=_("End the grant"), back=back,
        back_words=found,
    )  # fmt: skip


# ---- doubts ---------------------------------------------------------------------------------------------------------
@sensitive_post_parameters("proposed", "reason")
@never_cache
@require_http_methods(["GET", "POST"])
def doubt(request: HttpRequest, register: str, subject: int, field: str) -> HttpResponse:
    """Doubt a value that is held: of oneself, or that one's unit was shown."""
    actor, at = actor_of(request), timezone.now()
    owner = grant_queries.owner_of(seen_by=actor, register=register, subject_id=subject)
    is_own = grant_queries.is_own(seen_by=actor, owner=owner)
    known = grant_queries.entry_of(seen_by=actor, register=register, field=field, at=at)
    if owner is None or known is None or not (is_own or grant_queries.has_seen(seen_by=actor, register=register, field=field, at=at)):
        raise Http404(field)
    form = forms.DoubtForm(request.POST if request.method == "POST" else None)

    def act() -> Any:
        return operations.doubt_value(by=actor, at=at, register=register, subject_id=subject, field=field, **form.cleaned_data)

    back, back_words = ("/account/record/", _("What the town holds about you")) if is_own and owner.person_id else (HOME, _("Data exchange"))
    return _ask(
        request, form, act, lambda made: f"/cases/{made.case.slug}/",
        _("Your doubt is with the unit that answers for this value. Until it has answered, every form says that the value is in doubt."),
        title=_("Doubt: %(field)s") % {"field": known.field.title}, button=_("Send"), back=back, back_words=back_words,
        lead=_("%(organ)s looks at it within ten working days. If it is wrong it is put right, and every unit that was shown it is told.")
        % {"organ": known.organ or _("The unit that answers for it")},
    )  # fmt: skip


@never_cache
@require_safe
def corrected(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a unit which value that it was shown was put right, and through which grants it may look again."""
    actor, at = actor_of(request), timezone.now()
    found = queries.correction_told(seen_by=actor, correction_id=pk)
    owner = grant_queries.owner_of(seen_by=actor, register=found.register, subject_id=found.subject_id)
    context = {
        "correction": found, "owner": owner, "register": grant_queries.title_of(seen_by=actor, code=found.register),
        "field": grant_queries.field_words(seen_by=actor, register=found.register, codes=[found.field])[0],
        "grants": [one for one in grant_queries.usable(seen_by=actor, at=at) if one.register == found.register and found.field in one.fields],
        "looks": queries.own_looks(seen_by=actor, correction=found),
    }  # fmt: skip
    return page(request, "exchange/corrected.html", context)


# ---- systems outside ------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
def senders(request: HttpRequest) -> HttpResponse:
    """Show which systems outside may send rows and what came; a POST lets another one send."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_set_senders, actor)
    form = forms.SenderForm(actor, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(form, lambda: operations.set_sender(by=actor, at=at, data_set_id=given.pop("data_set"), **given))
        if made is not None:
            messages.success(request, _("It may send now."))
            return HttpResponseRedirect(request.path)
    listed = [(one, list(queries.messages(seen_by=actor, sender=one)[:5])) for one in queries.senders(seen_by=actor)]
    return page(request, "exchange/senders.html", {"senders": listed, "form": form}, status=422 if form.errors else 200)


@require_POST
def end_sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Take no more messages of a sender."""
    operations.end_sender(by=actor_of(request), at=timezone.now(), sender_id=pk)
    messages.success(request, _("Nothing more is taken from it."))
    return HttpResponseRedirect(f"{HOME}senders/")
