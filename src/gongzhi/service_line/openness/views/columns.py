"""The statutory list for everybody, and for the units that fill it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.service_line.openness import forms, operations, queries, rules


@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Show the list: each column with who owes it, how soon, and whether it is there; empty and late ones are told to everybody."""
    actor = actor_of(request)
    rows = queries.standing(seen_by=actor, on=territory.day_of(seen_by=actor, at=timezone.now()))
    counted = {state: sum(1 for row in rows if row.state == state) for state in ("ok", "waits", "late", "empty")}
    return page(request, "openness/columns.html", {"rows": rows, "counted": counted, "may_define": rules.may_define_column(actor)})


@never_cache
@require_http_methods(["GET", "POST"])
def column(request: HttpRequest, code: str) -> HttpResponse:
    """Show a column with its entries; the unit that owes it says what was made."""
    actor, at = actor_of(request), timezone.now()
    found = queries.column_for(seen_by=actor, code=code)
    on = territory.day_of(seen_by=actor, at=at)
    may_publish = rules.may_publish(actor, found)
    form = forms.TellForm(request.POST or None, initial={"made_on": on}) if may_publish else None
    if request.method == "POST":
        admit(rules.may_publish, actor, found)
        if form is not None and form.is_valid():
            made = attempt(form, lambda: operations.tell_entry(by=actor, at=at, column_id=found.pk, **form.cleaned_data))
            if made is not None:
                return HttpResponseRedirect(f"/disclosure/entry/{made.pk}/")
    stands = next(one for one in queries.standing(seen_by=actor, on=on) if one.column.pk == found.pk)
    return page(request, "openness/column.html", {"column": found, "stands": stands, "entries": queries.entries(seen_by=actor, column=found), "form": form,
                                                  "on": on}, status=422 if form and form.errors else 200)  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Publish what was made."""
    actor, at = actor_of(request), timezone.now()
    entry = queries.entry_for(seen_by=actor, entry_id=entry_id)
    admit(rules.may_publish, actor, entry.column)
    if entry.is_published:
        return HttpResponseRedirect(entry.column.url)
    form = forms.ShowForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        file = form.cleaned_data.pop("file")

        def act() -> Any:
            kept = attachments.add_attachment(by=actor, at=at, content=file.read(), name=file.name, is_public=True) if file else None
            return operations.publish_entry(by=actor, at=at, entry_id=entry.pk, attachment_id=kept.pk if kept else None, **form.cleaned_data)

        if attempt(form, act) is not None:
            messages.success(request, _("Published."))
            return HttpResponseRedirect(entry.column.url)
    return page(request, "openness/show.html", {"entry": entry, "form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def define(request: HttpRequest) -> HttpResponse:
    """Set a column of the list, or change the one with the same short name."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define_column, actor)
    form = forms.ColumnForm(request.POST or None, actor=actor, on=territory.day_of(seen_by=actor, at=at))
    if form.is_valid():
        made = attempt(form, lambda: operations.define_column(by=actor, at=at, **form.cleaned_data))
        if made is not None:
            return HttpResponseRedirect(made.url)
    return page(request, "openness/define.html", {"form": form}, status=422 if form.errors else 200)
