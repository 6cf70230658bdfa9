"""Pages that all registers share: search, and files with column proposals and an account of every row."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.kernel import doors, live, pages, sheets
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, csv_answer, page
from gongzhi.registers.record import fields, forms, importing, mapping, operations, queries, rules
from gongzhi.registers.record.models import TakenFile

HOME = "/registers/import/"
NEWEST = pages.Order("brought_at", descending=True)
SHOWN = 6  # rows of a file that its page shows


@sensitive_post_parameters("text")
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find people, dwellings and firms; the text comes in the body, so that no number stands in an address or a log."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_use_registers, actor)
    form = forms.SearchForm(request.POST or None)
    hits = None
    if request.method == "POST" and form.is_valid():
        hits = [hit for one in fields.registers().values() if one.may(actor) for hit in one.find(seen_by=actor, text=form.cleaned_data["text"])]
    context = {
        "form": form, "hits": hits, "doors": doors.shown("register-home", actor=actor, at=at),
        "may_import": any(rules.may_bring(actor, code) for code in fields.registers()),
    }  # fmt: skip
    return page(request, "record/search.html", context, status=422 if form.errors else 200)


def _kept(actor: Actor) -> list[fields.Register]:
    found = [one for one in fields.registers().values() if rules.may_bring(actor, one.code)]
    if not found:
        admit(rules.may_bring, actor, next(iter(fields.registers())))
    return found


@never_cache
@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """List the files and take one in."""
    actor = actor_of(request)
    kept = _kept(actor)
    posted = request.method == "POST"
    form = forms.FileForm(kept, request.POST, request.FILES) if posted else forms.FileForm(kept)
    if posted and form.is_valid():
        try:
            file = importing.bring(actor, form.cleaned_data["register"], form.cleaned_data["file"], timezone.now)
        except sheets.BadFile as error:
            form.add_error("file", str(error))
        else:
            return HttpResponseRedirect(f"{HOME}{file.pk}/")
    part = pages.cut(queries.files(seen_by=actor).order_by(), NEWEST, after=request.GET.get("after", ""), before=request.GET.get("before", ""), most=30)
    return page(request, "record/files.html", {"form": form, "part": part, "titles": {one.code: one.title for one in kept}}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one file: before it is taken over what its columns mean, afterwards the account of its rows."""
    actor = actor_of(request)
    _kept(actor)
    found = queries.file_for(seen_by=actor, file_id=pk)
    if found.is_begun or not found.path:
        if request.method == "POST" and request.POST.get("act") == "go on":
            operations.begin_file(by=actor, at=timezone.now(), file_id=pk, definition=found.definition)
            return HttpResponseRedirect(request.path)
        context = {
            "file": found, "title": fields.register(found.register).title, "reasons": queries.reasons(seen_by=actor, file_id=pk),
            "stream": live.stream_url(request, f"register-file:{pk}"),
        }  # fmt: skip
        return page(request, "record/file.html", context, fragment="record/_account.html")
    try:
        return _describe(request, actor, found)
    except (sheets.BadFile, FileNotFoundError) as error:
        messages.error(request, str(error) if isinstance(error, sheets.BadFile) else _("The file is no longer there; bring it again."))
        return HttpResponseRedirect(HOME)


def _describe(request: HttpRequest, actor: Actor, found: TakenFile) -> HttpResponse:
    register = fields.register(found.register)
    rows = importing.beginning(Path(found.path))
    asked = request.POST.get("header", "")
    header = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else mapping.header_of(register, rows)
    names = mapping.names_of(next((cells for number, cells in rows if number == header), []))
    proposed = mapping.propose(register, names)
    initial: dict[str, Any] = {f"f_{code}": name for code, name in proposed.items()} | {"as_of": found.as_of, "header": header}
    form = forms.MappingForm(register, names, request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        definition = form.definition()
        try:
            mapping.checked(register, definition).bind(names)
            operations.begin_file(by=actor, at=timezone.now(), file_id=found.pk, definition=definition)
        except mapping.BadMapping as error:
            name = f"f_{error.part.removeprefix('fields.')}" if error.part.startswith("fields.") else error.part
            form.add_error(name if name in form.fields else None, error.why)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            return HttpResponseRedirect(request.path)
    beside = {name: [mapping.text_of(cells[place]) if place < len(cells) else "" for _n, cells in _below(rows, header)] for place, name in enumerate(names)}
    context = {
        "file": found, "title": register.title, "form": form, "columns": [(form[name], beside.get(form[name].value() or "", ())) for name in form.columns],
        "ground": [form[name] for name in ("source", "basis", "as_of", "header")], "found": len(proposed),
        "left": [name for name in names if name and name not in proposed.values()],
    }  # fmt: skip
    return page(request, "record/describe.html", context, status=422 if form.errors else 200)


def _below(rows: Sequence[sheets.Row], header: int) -> list[sheets.Row]:
    return [row for row in rows if row[0] > header][:3]


@never_cache
@require_GET
def refused_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give every row that could not be taken, with the reason, as CSV."""
    actor = actor_of(request)
    _kept(actor)
    found = queries.file_for(seen_by=actor, file_id=pk)

    def rows() -> Iterator[Sequence[Any]]:
        yield [_("row"), _("field"), _("what stood there"), _("reason")]
        for one in queries.refused_rows(seen_by=actor, file_id=found.pk).iterator(chunk_size=2_000):
            yield [one.row, one.field, one.read(), one.reason]

    return csv_answer(f"register-{found.pk}-refused.csv", rows(), marked=True)
