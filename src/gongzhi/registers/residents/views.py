"""Pages of the residents' register: a person, a home, pairs that may be one person, and what the town holds about oneself."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.kernel import doors
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.registers.grants import queries as grants
from gongzhi.registers.record.asking import LookForm, ValuesForm
from gongzhi.registers.residents import forms, operations, queries, rules, values
from gongzhi.registers.residents.models import Resident

PERSON = [one for one in values.FIELDS if one.code not in ("grid", "longitude", "latitude", "left_on", "died_on")]
CHANGES = [one for one in values.FIELDS if one.code not in ("grid", "longitude", "latitude", "document")]


def _path(one: Resident) -> str:
    return one.dwelling.area.path if one.dwelling is not None and one.dwelling.area is not None else ""


def _grant_url(look: Any) -> str:
    """Return the page of the grant through which somebody looked, where a module shows grants."""
    ways = doors.hung("grant")
    return ways[0].url.format(grant=look.grant_id) if ways and look.grant_id else ""


@never_cache
@require_http_methods(["GET", "POST"])
def resident(request: HttpRequest, pk: int) -> HttpResponse:
    """Show somebody: values with their origin, homes, tags that the reader may see, who looked. A POST looks at sealed fields."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_use_register, actor)
    one = queries.resident_for(seen_by=actor, resident_id=pk)
    today = queries.today(seen_by=actor, at=at)
    form = LookForm(request.POST if request.method == "POST" else None)
    shown: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        held = tuple(name for name in values.SEALED if bytes(getattr(one, f"{name}_sealed")))
        seen = attempt(form, lambda: operations.show_fields(by=actor, at=at, resident_id=pk, fields=held, purpose=form.cleaned_data["purpose"]))
        shown = seen or {}
    keeps = rules.may_keep_residents(actor, _path(one))
    context = {
        "resident": one,
        "name": shown.get("name") or queries.masked(seen_by=actor, resident=one)["name"],
        "age": one.age_on(today),
        "values": [(value, shown.get(value.code, value.text)) for value in queries.record_of(seen_by=actor, resident=one)],
        "doubts": grants.open_doubts(seen_by=actor, register="residents", subject_id=pk),
        "history": queries.history_of(seen_by=actor, resident=one),
        "homes": list(queries.homes_of(seen_by=actor, resident=one)),
        "care": list(queries.care_of(seen_by=actor, resident=one, on=today)),
        "control": list(queries.control_of(seen_by=actor, resident=one, on=today)),
        "sees_care": rules.may_tag(actor, "care", _path(one)),
        "sees_control": rules.may_tag(actor, "control", _path(one)),
        "looks": list(queries.looks_at(seen_by=actor, resident=one)[:20]) if keeps else [],
        "keeps": keeps,
        "form": form,
        "is_open": bool(shown),
    }
    return page(request, "residents/resident.html", context, status=422 if form.errors else 200)


def _ask(request: HttpRequest, form: Any, act: Callable[[], Any], *, title: Any, button: Any, done: Any, back: str, back_words: Any, lead: Any = "",
         to: Callable[[Any], str]) -> HttpResponse:  # fmt: skip
    """Show a form, or do what it asks for."""
    if request.method == "POST" and form.is_valid():
        made = attempt(form, act)
        if made is not None:
            messages.success(request, done)
            return HttpResponseRedirect(to(made))
    context = {"form": form, "title": title, "button": button, "back": back, "back_words": back_words, "lead": lead}
    return page(request, "portal/form.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def new_resident(request: HttpRequest) -> HttpResponse:
    """Register somebody."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep_some, actor)
    form = ValuesForm(PERSON, request.POST if request.method == "POST" else None, initial={"address": request.GET.get("address", "")[:200]})

    def act() -> Resident:
        given = form.cleaned_data
        return operations.register_resident(by=actor, at=at, given=form.given(), source=given["source"], basis=given["basis"], word=given["word"])

    return _ask(
        request, form, act, title=_("Register somebody"), button=_("Register"), done=_("Registered."), back="/registers/", back_words=_("Registers"),
        lead=_("A number with its check digit tells birth and sex; they need not be filled in."), to=lambda made: f"/registers/residents/{made.pk}/",
    )  # fmt: skip


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def change_resident(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell values of somebody anew; empty fields are left as they are."""
    actor, at = actor_of(request), timezone.now()
    one = queries.resident_for(seen_by=actor, resident_id=pk)
    admit(rules.may_keep_residents, actor, _path(one))
    form = ValuesForm(CHANGES, request.POST if request.method == "POST" else None)

    def act() -> Resident:
        given = form.cleaned_data
        return operations.change_resident(by=actor, at=at, resident_id=pk, given=form.given(), source=given["source"], basis=given["basis"], word=given["word"])

    name = queries.masked(seen_by=actor, resident=one)["name"]
    return _ask(
        request, form, act, title=_("Change %(name)s") % {"name": name}, button=_("Keep"), done=_("Kept; what it was before stays in the history."),
        back=f"/registers/residents/{pk}/", back_words=name, lead=_("Fill in only what is new. Another home is a move, from the day it is lived in."),
        to=lambda made: f"/registers/residents/{made.pk}/",
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new_tag(request: HttpRequest, pk: int, room: str) -> HttpResponse:
    """Set a tag of care or of control."""
    actor, at = actor_of(request), timezone.now()
    one = queries.resident_for(seen_by=actor, resident_id=pk)
    admit(rules.may_tag, actor, room, _path(one))
    form = forms.TagForm(room, request.POST if request.method == "POST" else None, initial={"starts_on": queries.today(seen_by=actor, at=at)})
    name = queries.masked(seen_by=actor, resident=one)["name"]
    return _ask(
        request, form, lambda: operations.set_tag(by=actor, at=at, room=room, resident_id=pk, **form.cleaned_data),
        title=_("Tag of care") if room == "care" else _("Tag of control"), button=_("Set the tag"), done=_("The tag stands."),
        back=f"/registers/residents/{pk}/", back_words=name, to=lambda made: f"/registers/residents/{pk}/",
    )  # fmt: skip


@never_cache
@require_safe
def dwelling(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a dwelling: where it lies, its households with their people, visits."""
    actor = actor_of(request)
    admit(rules.may_use_register, actor)
    one = queries.dwelling_for(seen_by=actor, dwelling_id=pk)
    households = [
        (household, [(each, queries.masked(seen_by=actor, resident=each.resident)["name"]) for each in household.people])  # type: ignore[attr-defined]
        for household in queries.households_of(seen_by=actor, dwelling=one)
    ]
    context = {
        "dwelling": one, "households": households, "visits": list(queries.visits_to(seen_by=actor, dwelling=one)[:20]),
        "keeps": rules.may_keep_residents(actor, one.area.path if one.area else ""),
    }  # fmt: skip
    return page(request, "residents/dwelling.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def duplicates(request: HttpRequest) -> HttpResponse:
    """Show the pairs that may be one person side by side; a POST merges a pair or keeps it apart."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_keep_some, actor)
    if request.method == "POST":
        chosen = request.POST.get("pair", "")
        pair = queries.duplicate_for(seen_by=actor, duplicate_id=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 16 else 0)
        if request.POST.get("act") == "apart":
            operations.keep_apart(by=actor, at=at, duplicate_id=pair.pk, ground=request.POST.get("ground", ""))
            messages.success(request, _("Kept apart; they are not proposed again."))
        else:
            keep, other = (pair.other_id, pair.one_id) if request.POST.get("act") == "other" else (pair.one_id, pair.other_id)
            operations.merge_residents(
                by=actor, at=at, keep_id=keep, other_id=other, source=request.POST.get("ground", ""), basis=_("Two records of one person are one record")
            )
            messages.success(request, _("Merged; the history of both stays."))
        return HttpResponseRedirect(request.path)
    pairs = [
        (pair, [(each, queries.masked(seen_by=actor, resident=each)) for each in (pair.one, pair.other)], forms.SettleForm(auto_id=f"pair-{pair.pk}-%s"))
        for pair in queries.duplicates(seen_by=actor)[:30]
    ]
    return page(request, "residents/duplicates.html", {"pairs": pairs, "count": queries.duplicates(seen_by=actor).count()})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def own_record(request: HttpRequest) -> HttpResponse:
    """Show a resident what the town holds about them, with source and date; before that, the way to prove that it is theirs."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_prove_own, actor)
    one = queries.resident_of_account(seen_by=actor, person_id=actor.person_id)
    if one is None:
        form = forms.ProveForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            tried = attempt(form, lambda: operations.prove_own_record(by=actor, at=at, **form.cleaned_data))
            if tried is not None and tried.is_linked:
                messages.success(request, _("This is your record."))
                return HttpResponseRedirect(request.path)
            if tried is not None:
                form.add_error(None, forms.not_yours(tried.tries_left))
        return page(request, "residents/prove.html", {"form": form}, status=422 if form.errors else 200)
    today = queries.today(seen_by=actor, at=at)
    shown = queries.record_of(seen_by=actor, resident=one)
    sections = [(title, [value for value in shown if value.code in codes]) for title, codes in forms.sections()]
    tags = [*queries.care_of(seen_by=actor, resident=one, on=today), *queries.control_of(seen_by=actor, resident=one, on=today)]
    doubts = grants.open_doubts(seen_by=actor, register="residents", subject_id=one.pk)
    ways = doors.hung("own-value")

    def doubt_url(code: str) -> str:
        return ways[0].url.format(register="residents", subject=one.pk, field=code) if ways and code not in doubts else ""

    context = {
        "sections": [(title, [(value, doubt_url(value.code), value.code in doubts) for value in found]) for title, found in sections if found],
        "count": len(shown), "tags": tags,
        "looks": [(look, _grant_url(look)) for look in queries.looks_at(seen_by=actor, resident=one)[:50]],
        "sources": len({value.origin.source for value in shown if value.origin is not None}), "homes": list(queries.homes_of(seen_by=actor, resident=one)),
        "year": queries.looks_since(seen_by=actor, resident=one, at=at),
    }  # fmt: skip
    return page(request, "residents/own.html", context)
