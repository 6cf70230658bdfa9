"""Files of readings for officers: brought, looked at, described, checked, imported, and every row accounted for."""

import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import live, numbers, pages, sheets
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import actor_of, admit, csv_answer, page
from gongzhi.management_line.feeds import forms, importing, operations, queries, rules
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.models import FileImport
from gongzhi.management_line.feeds.recipe import BadHeader, Recipe, names_of
from gongzhi.management_line.feeds.suggest import suggest
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as sensing

HOME = "/stations/import/"
SHOWN = 8  # rows of a file that its page shows
NEWEST = pages.Order("brought_at", descending=True)


def _officer(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    admit(rules.may_look_at, actor)
    return actor


@never_cache
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """List imports and take a file in."""
    actor, at = _officer(request), timezone.now()
    form = forms.FileForm(request.POST or None, request.FILES or None) if request.method == "POST" else forms.FileForm()
    if request.method == "POST":
        admit(rules.may_import, actor)
        if form.is_valid():
            try:
                file = importing.bring(actor, form.cleaned_data["file"], timezone.now)
            except sheets.BadFile as error:
                form.add_error("file", str(error))
            else:
                return HttpResponseRedirect(f"{HOME}{file.pk}/")
    part = pages.cut(queries.imports(seen_by=actor).order_by(), NEWEST, after=request.GET.get("after", ""), before=request.GET.get("before", ""), most=30)
    context = {"now": at, "form": form, "part": part, "recipes": list(queries.recipes(seen_by=actor)), "may_import": rules.may_import(actor)}
    return page(request, "feeds/imports.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one file: before its import what its columns mean, afterwards the account of its rows."""
    actor, at = _officer(request), timezone.now()
    found = queries.import_for(seen_by=actor, file_id=pk)
    if request.method == "POST" and request.POST.get("act") == "go on":
        operations.begin_import(by=actor, at=at, file_id=pk)
        return HttpResponseRedirect(request.path)
    if found.is_begun or not found.path:
        return _account(request, actor, found)
    try:
        return _describe(request, actor, found)
    except (sheets.BadFile, FileNotFoundError) as error:
        messages.error(request, str(error) if isinstance(error, sheets.BadFile) else _("The file is no longer there; bring it again."))
        return HttpResponseRedirect(HOME)


def _account(request: HttpRequest, actor: Actor, found: FileImport) -> HttpResponse:
    context = {
        "now": timezone.now(), "file": found, "reasons": queries.refused_cell_reasons(seen_by=actor, file_id=found.pk),
        "refused": list(queries.refused_cells(seen_by=actor, file_id=found.pk)[:20]), "may_import": rules.may_import(actor),
        "share": _share(found), "stream": live.stream_url(request, f"import:{found.pk}"),
    }  # fmt: skip
    return page(request, "feeds/import.html", context, fragment="feeds/_account.html")


def _share(found: FileImport) -> int | None:
    """Return how much of a running import is done, in percent, by the bytes of a row so far; None where that says nothing."""
    if not found.is_running or not found.rows or not found.path.endswith(".csv"):
        return None
    try:
        with Path(found.path).open("rb") as file:
            begin = file.read(200_000)
    except OSError:
        return None
    rows = max(1, begin.count(b"\n"))
    return min(99, round(100 * found.rows * (len(begin) / rows) / max(1, found.size)))


def _describe(request: HttpRequest, actor: Actor, found: FileImport) -> HttpResponse:
    at, zone = timezone.now(), territory.town(seen_by=actor).zone
    posted = request.POST if request.method == "POST" else None
    sheet_names = sheets.sheets(Path(found.path))
    sheet = request.GET.get("sheet", "") or found.definition.get("sheet", "")
    rows = importing.beginning(Path(found.path), sheet if sheet in sheet_names else "")
    stations = queries.station_names(seen_by=actor)
    base = dict(found.definition) or suggest(rows, zone, stations=stations)
    chosen = request.GET.get("recipe", "")
    recipes = list(queries.recipes(seen_by=actor))
    if chosen:
        base = next((dict(one.definition) for one in recipes if one.code == chosen), base)
    begins = numbers.key(request.GET.get("header"))
    if begins is not None:
        base = suggest([row for row in rows if row[0] >= begins], zone, stations=stations) | {"header": begins}
    if sheet and sheet in sheet_names:
        base["sheet"] = sheet
    header = int(base.get("header") or 1)
    names = names_of(next((cells for number, cells in rows if number == header), []))[: forms.MOST_COLUMNS]
    form = forms.RecipeForm(names, base, [(one.code, one.label) for one in sensing.stations(seen_by=actor)], posted)
    checked, faults = None, list[str]()
    if posted is not None:
        admit(rules.may_import, actor)
        definition = form.definition()
        act = posted.get("act", "check")
        try:
            recipe = Recipe(definition, zone)
            recipe.bind(names)
            operations.describe_file(by=actor, at=at, file_id=found.pk, definition=definition)
            if posted.get("keep_as", "").strip():
                _keep(actor, posted["keep_as"].strip(), definition)
            if act == "begin":
                operations.begin_import(by=actor, at=at, file_id=found.pk)
                return HttpResponseRedirect(request.path)
            checked = queries.check_rows(seen_by=actor, rows=importing.open_rows(Path(found.path), recipe), recipe=recipe, at=at)
        except BadMapping as error:
            faults = [f"{forms.field_word(name)}: {why}" for name, why in error.faults]
        except (BadHeader, Refused) as error:
            faults = [str(error)]
    fitting_recipes = [one for one in recipes if one.code != chosen and _fits(one.definition, names)]
    context = {
        "now": at, "file": found, "form": form, "columns": form.columns(rows, header, SHOWN), "rows": [row for row in rows if row[0] >= header][: SHOWN + 1],
        "sheets": sheet_names, "sheet": base.get("sheet") or (sheet_names[0] if sheet_names else ""), "header": header, "checked": checked, "faults": faults,
        "unknown": form.unknown(checked.stations if checked else {}), "recipes": fitting_recipes, "factors": list(factors.CATALOGUE.values()),
        "may_import": rules.may_import(actor), "zone": str(zone),
        "reasons": sorted(((n, why, row) for why, (n, row) in checked.reasons.items()), reverse=True)[:12] if checked else [],
    }  # fmt: skip
    return page(request, "feeds/describe.html", context, status=422 if faults else 200)


def _fits(definition: dict[str, Any], names: Sequence[str]) -> bool:
    from datetime import UTC

    try:
        return set(Recipe(definition, UTC).columns) <= set(names)
    except BadMapping:
        return False


def _keep(actor: Actor, name: str, definition: dict[str, Any]) -> None:
    code = slugify(name)[:40] or f"recipe-{uuid.uuid5(uuid.NAMESPACE_OID, name).hex[:12]}"
    operations.keep_recipe(by=actor, at=timezone.now(), code=code, name=name, definition={key: value for key, value in definition.items() if key != "stations"}
                           | ({"stations": definition["stations"]} if definition.get("stations") else {}))  # fmt: skip


@never_cache
@require_GET
def refused_csv(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Give every row and cell that could not be used, with the reason, as CSV."""
    actor = _officer(request)
    found = queries.import_for(seen_by=actor, file_id=pk)

    def rows() -> Iterator[Sequence[Any]]:
        yield [_("row"), _("column"), _("what stood there"), _("reason")]
        cells = queries.refused_cells(seen_by=actor, file_id=found.pk).iterator(chunk_size=2_000)
        yield from ([one.row, one.column, one.text, one.why] for one in islice(cells, operations.MOST_REFUSED))

    return csv_answer(f"import-{found.pk}-refused.csv", rows(), marked=True)
