"""The desk: what is due, as queues that can be narrowed, sorted, kept, exported and worked by keyboard."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gongzhi.cases import forms, operations, queries, rules
from gongzhi.cases import kind as kinds
from gongzhi.cases.lifecycle import OPEN_STATES
from gongzhi.cases.queues import QUEUE_WORDS, queues_of
from gongzhi.cases.views._reader import reader, whole
from gongzhi.cases.views.case import LIST
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import live, pages
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.web import admit, page

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

PAGE = 50
PART_WORDS = {
    "": lazy("All"), "overdue": lazy("Overdue"), "today": lazy("Due today"), "week": lazy("This week"), "stopped": lazy("Clock stopped"),
    "joined": lazy("Waits for others"),
}  # fmt: skip
ORDER_WORDS = {"due": lazy("by due time"), "newest": lazy("newest first"), "touched": lazy("last changed first")}


# ---- what is asked for -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Asked:
    """A list as its address asks for it; what cannot be read is left out, so that an old address still shows a list."""

    queue: str
    part: str
    order: str
    text: str
    filters: dict[str, Any]
    chosen: dict[str, str]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.part or self.filters)


def asked_for(request: HttpRequest, actor: Actor) -> Asked:
    """Read queue, part, order, words and filters from the address."""
    given = request.GET
    queue = given.get("queue", "")
    if queue not in QUEUE_WORDS:
        queue = "any" if given.get("q") else home_queue(actor)
    part = given.get("part", "") if given.get("part", "") in PART_WORDS else ""
    usual = "newest" if queue in ("closed", "any") else "due"  # what has ended is not due
    order = given.get("order", "") if given.get("order", "") in ORDER_WORDS else usual
    filters: dict[str, Any] = {}
    if given.get("life") in forms.LIFE_WORDS:
        filters["life"] = given["life"]
    if given.get("kind") in {kind.code for kind in kinds.kinds()}:
        filters["kind"] = given["kind"]
    if (category_id := whole(given.get("category"))) is not None:
        filters["category_id"] = category_id
    if (area_id := whole(given.get("area"))) is not None:
        area = next((area for area in _areas(actor) if area.pk == area_id), None)
        if area is not None:
            filters["area_path"] = area.path
    if given.get("state") in dict(_states_of(queue)):
        filters["state"] = given["state"]
    if given.get("handler") == "me" and actor.person_id:
        filters["handler_id"] = actor.person_id
    elif (handler_id := whole(given.get("handler"))) is not None:
        filters["handler_id"] = handler_id
    chosen = {name: given[name] for name in ("life", "kind", "category", "area", "state", "handler") if given.get(name)}
    return Asked(queue=queue, part=part, order=order, text=given.get("q", "").strip()[:80], filters=filters, chosen=chosen)


def home_queue(actor: Actor) -> str:
    """Return the queue in which this actor's day begins."""
    if actor.serves_as("grid_worker") and not actor.serves_as("station_officer", "department_officer"):
        return "verify"
    if actor.serves_as("supervisor", "auditor") and not actor.serves_as("dispatcher", "department_officer", "station_officer"):
        return "overdue"
    if actor.serves_as("administrator") and len(actor.roles) == 1:
        return "all"
    return "mine"


def _areas(actor: Actor) -> list[Any]:
    return [area for area in territory.present_areas(seen_by=actor) if area.level in ("community", "park", "grid")]


# ---- rows -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Row:
    """A case as a row of the table shows it."""

    case: "Case"
    clock: Any
    joined: list[str]
    ground: Any

    @property
    def usage(self) -> Any:
        return self.clock.usage if self.clock else None

    @property
    def colour(self) -> str:
        return self.clock.state if self.clock else "open"

    @property
    def kept(self) -> Any:
        """Return how an ended clock was kept, in words; "" while it runs and where it ran over."""
        if self.clock is None or self.clock.clock.ended_at is None or self.usage.over > 0:
            return ""
        if self.clock.clock.overdue_at is not None:
            return _("overdue")
        return _("on time") if not self.clock.clock.extended_by else _("lawfully extended")


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are due alike."""

    title: Any
    note: Any
    rows: list[Row]


def rows_of(actor: Actor, cases: Sequence["Case"], at: datetime) -> list[Row]:
    """Return the rows of these cases: four statements for the whole list."""
    clocks = queries.clocks_of_list(seen_by=actor, cases=cases, at=at)
    joined = queries.joined_of_list(seen_by=actor, cases=cases)
    grounds = queries.grounds_of_list(seen_by=actor, cases=cases)
    return [Row(case, clocks.get(case.pk), joined.get(case.pk, []), _why(case, grounds.get(case.pk, ""))) for case in cases]


def _why(case: "Case", ground: str) -> Any:
    """Say beside its state why a case stands still, or why a closed one is on a desk."""
    if case.is_closed and case.holder_id is not None:
        return _("put it right after a bad rating") if case.holder_id == case.lead_id else _("call back after a bad rating")
    return forms.GROUND_WORDS.get(ground, "")


def groups_of(rows: Sequence[Row], order: str, at: datetime) -> list[Group]:
    """Put rows under what they have in common: when they are due, or the day they came or changed."""
    found: dict[str, tuple[Any, list[Row]]] = {}
    for row in rows:
        key, title = _due_group(row.case, at) if order == "due" else _day_group(row.case.opened_at if order == "newest" else row.case.touched_at, at)
        found.setdefault(key, (title, []))[1].append(row)
    notes = {"overdue": _("the supervisor was told")}
    return [Group(title, notes.get(key, ""), kept) for key, (title, kept) in found.items()]


def _due_group(case: "Case", at: datetime) -> tuple[str, Any]:
    due = case.next_due_at
    if case.is_stopped:
        return "stopped", _("Clock stopped")
    if due is None:
        return "none", _("Without a due time")
    if due <= at:
        return "overdue", _("Overdue")
    if case.is_open and case.overdue_at is not None:
        return "overdue", _("Overdue")
    days = (timezone.localtime(due).date() - timezone.localtime(at).date()).days
    if days == 0:
        return "today", _("Due today")
    return ("week", _("Due within a week")) if days < 7 else ("later", _("Due later"))


def _day_group(moment: datetime, at: datetime) -> tuple[str, Any]:
    days = (timezone.localtime(at).date() - timezone.localtime(moment).date()).days
    if days <= 0:
        return "0", _("Today")
    if days == 1:
        return "1", _("Yesterday")
    return ("7", _("Within a week")) if days < 7 else ("more", _("Earlier"))


# ---- pages ----------------------------------------------------------------------------------------------------------
@require_safe
@never_cache
def desk(request: HttpRequest) -> HttpResponse:
    """Show the desk: one queue, grouped by when things are due; with htmx only the list."""
    actor, at = reader(request)
    admit(rules.may_use_desk, actor)
    asked = asked_for(request, actor)
    if asked.queue == "any" and (straight := _straight_to(actor, asked.text)):
        return HttpResponseRedirect(straight)
    found = queries.desk_page(
        seen_by=actor, queue=asked.queue, at=at, order=asked.order, part=asked.part, text=asked.text, most=PAGE,
        after=request.GET.get("after", ""), before=request.GET.get("before", ""), **asked.filters,
    )  # fmt: skip
    rows = rows_of(actor, found.rows, at)
    kept = {"url": request.get_full_path(), "title": str(QUEUE_WORDS[asked.queue][0]), "slugs": [row.case.slug for row in rows]}
    if request.session.get(LIST) != kept:
        request.session[LIST] = kept  # so that a case leads on to the next one of the list
    context = {
        "now": at, "asked": asked, "queue_title": QUEUE_WORDS[asked.queue][0], "groups": groups_of(rows, asked.order, at), "shown": len(rows),
        "after": found.after, "before": found.before,
        "parts": list(PART_WORDS.items()), "counts_url": "/desk/counts/?" + _query(request, "part", "after", "before"),
        "views": list(queries.saved_views(seen_by=actor)) if actor.person_id else [], "orders": ORDER_WORDS.items(),
        "may_dispatch": rules.may_dispatch(actor), "may_take_calls": rules.may_take_calls(actor),
        "may_urge": actor.can("may_dispatch", "may_supervise", "may_overrule"),
        "may_handle": actor.can("may_handle"),
        "organs": forms.organ_choices(actor, territory.day_of(seen_by=ANYONE, at=at), kinds_of_organ=forms.WORKING_KINDS)[1:]
        if rules.may_dispatch(actor) else [],
    }  # fmt: skip
    if request.headers.get("HX-Request") != "true":
        context |= _around(request, actor, at, asked)
    return page(request, "cases/desk.html", context, fragment="cases/_desk_list.html")


def _straight_to(actor: Actor, text: str) -> str:
    """Return the address of what somebody searches who types an exact number or a follow code, or ""."""
    if queries.is_follow_code(seen_by=actor, text=text):
        return f"/follow/#{text}"  # behind #: no code ever stands in an address that a server sees again
    case = queries.case_of_text(seen_by=actor, text=text)
    return f"/cases/{case.slug}/" if case is not None else ""


def _around(request: HttpRequest, actor: Actor, at: datetime, asked: Asked) -> dict[str, Any]:
    """Return what stands round the list: queues, filters, and the organs for bulk assignment."""
    return {
        "queues": [(code, *QUEUE_WORDS[code]) for code in [*queues_of(actor), *(["any"] if asked.queue == "any" else [])]],
        "lives": forms.LIFE_WORDS.items(),
        "kinds": kinds.kinds(),
        "states": _states_of(asked.queue),
        "areas": [(area.pk, f"　{area.name}" if area.level == "grid" else area.name) for area in _areas(actor)],
        "categories": forms.category_choices(actor, territory.day_of(seen_by=ANYONE, at=at))[1:],
        "stream": live.stream_url(request, *(f"desk:{organ_id}" for organ_id in sorted(actor.organ_ids))),
        "query": _query(request, "after", "before"),
    }


def _states_of(queue: str) -> list[tuple[str, Any]]:
    """Return the states that cases of this queue can have, with their words."""
    running = {state.value for state in OPEN_STATES}
    ended = queue == "closed"
    told = queries.state_words(seen_by=ANYONE).items()
    return [(code, words[0]) for code, words in told if (queue == "any" or (code not in running) == ended) and code != "draft"]


def _query(request: HttpRequest, *but: str) -> str:
    return urlencode([(name, value) for name, values in request.GET.lists() for value in values if name not in but and value])


@require_safe
@never_cache
def counts(request: HttpRequest) -> HttpResponse:
    """Say how many cases each part of the present queue and each queue has, up to 1,000; fetched after the list."""
    actor, at = reader(request)
    admit(rules.may_use_desk, actor)
    asked = asked_for(request, actor)
    context = {
        "asked": asked,
        "parts": [
            (code, PART_WORDS[code], number)
            for code, number in queries.desk_parts(seen_by=actor, queue=asked.queue, at=at, text=asked.text, **asked.filters).items()
        ],
        "queues": [
            (code, *QUEUE_WORDS[code], number)
            for code, number in queries.queue_counts(seen_by=actor, at=at, queues=[*queues_of(actor)]).items()
        ],
        "most": queries.MOST_COUNTED, "query": _query(request, "after", "before", "part"),
        "views": list(queries.saved_views(seen_by=actor)) if actor.person_id else [],
    }  # fmt: skip
    return page(request, "cases/_desk_counts.html", context)


@require_safe
@never_cache
def queue_numbers(request: HttpRequest) -> HttpResponse:
    """Give the number of cases in each queue of this reader, up to 1,000, for the desk's sidebar."""
    actor, at = reader(request)
    admit(rules.may_use_desk, actor)
    return JsonResponse(queries.queue_counts(seen_by=actor, at=at, queues=[*queues_of(actor)]))


def _back(request: HttpRequest) -> HttpResponse:
    """Go back to the list that a form names, within this site."""
    wanted = request.POST.get("back", "")
    safe = wanted.startswith("/desk/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(wanted if safe else "/desk/")


MOST_BULK = 200


@require_POST
@never_cache
def bulk(request: HttpRequest) -> HttpResponse:
    """Begin work on, urge or assign several cases; each is an act of its own, and what is refused is said case by case."""
    actor, at = reader(request)
    admit(rules.may_use_desk, actor)
    ids = [case_id for case_id in map(whole, request.POST.getlist("case")) if case_id is not None][:MOST_BULK]
    what = request.POST.get("what", "")
    organ_id = whole(request.POST.get("organ"))
    if not ids:
        messages.warning(request, _("Mark at least one case first."))
        return _back(request)
    if what not in ("accept", "urge", "assign") or (what == "assign" and organ_id is None):
        messages.error(request, _("Choose what to do, and for assigning the unit."))
        return _back(request)
    done, refused = 0, []
    for case_id in ids:
        case = queries.case_by_id(seen_by=actor, case_id=case_id)
        version = whole(request.POST.get(f"version_{case_id}"))
        try:
            if what == "urge":
                operations.urge_case(by=actor, at=at, case_id=case.pk, text=request.POST.get("text", "").strip()[:500])
            elif what == "accept":
                with operations.decided_on(case.pk, version):
                    operations.accept_case(by=actor, at=at, case_id=case.pk)
            else:
                assert organ_id is not None
                with operations.decided_on(case.pk, version):
                    operations.assign_case(by=actor, at=at, case_id=case.pk, organ_id=organ_id)
            done += 1
        except Refused as reason:
            refused.append(f"{case.number}{_(': ')}{reason}")
    if done:
        said = {
            "urge": ngettext("%(n)d case urged.", "%(n)d cases urged.", done),
            "accept": ngettext("Work begun on %(n)d case.", "Work begun on %(n)d cases.", done),
            "assign": ngettext("%(n)d case assigned.", "%(n)d cases assigned.", done),
        }
        messages.success(request, said[what] % {"n": done})
    for line in refused[:10]:
        messages.error(request, line)
    if len(refused) > 10:
        messages.error(request, _("… and %(n)d more were refused.") % {"n": len(refused) - 10})
    return _back(request)


# ---- export ---------------------------------------------------------------------------------------------------------
MOST_EXPORTED = 200_000
MOST_SHEET = 50_000
CHUNK = 1000


def _heads() -> list[str]:
    return [
        _("Number"), _("Title"), _("Kind"), _("Life"), _("Category"), _("Area"), _("Place"), _("State"), _("Unit that leads"), _("With"),
        _("Handler"), _("Joined"),
        _("Severity"), _("Opened at"), _("Due"), _("Overdue since"), _("Returns"), _("Longitude"), _("Latitude"),
    ]  # fmt: skip


def _cells(row: Row, titles: dict[str, str]) -> list[Any]:
    case = row.case

    def moment(at: datetime | None) -> str:
        return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""

    return [
        case.number, case.title, titles.get(case.kind, case.kind), str(forms.LIFE_WORDS.get(case.life, "")), case.category.label if case.category else "",
        str(case.area or ""), case.address, str(case.state_word), str(case.lead or ""), str(case.holder or ""), str(case.handler or ""), "、".join(row.joined),
        str(forms.SEVERITY_WORDS.get(case.severity, "")), moment(case.opened_at), moment(case.next_due_at), moment(case.overdue_at), case.returns,
        case.longitude, case.latitude,
    ]  # fmt: skip


def _chunks(actor: Actor, asked: Asked, at: datetime) -> Iterator[list[Row]]:
    """Yield the rows of the whole list, a thousand at a time, each chunk by keyset so that memory stays small."""
    found = queries.desk_list(seen_by=actor, queue=asked.queue, at=at, part=asked.part, text=asked.text, **asked.filters)
    after, told = "", 0
    while told < MOST_EXPORTED:
        chunk = [row for part in _pages(actor, found, asked, after) for row in part]
        if not chunk:
            return
        yield _export_rows(actor, chunk)
        told += len(chunk)
        last = chunk[-1]
        after = pages.encode(getattr(last, queries.ORDERS[asked.order].name), last.pk)
        if len(chunk) < CHUNK:
            return


def _pages(actor: Actor, found: Any, asked: Asked, after: str) -> Iterator[list["Case"]]:
    for _n in range(CHUNK // pages.MOST):
        cut = queries.list_page(seen_by=actor, found=found, order=asked.order, after=after, most=pages.MOST)
        yield cut.rows
        if not cut.after:
            return
        after = cut.after


def _export_rows(actor: Actor, cases: list["Case"]) -> list[Row]:
    joined = queries.joined_of_list(seen_by=actor, cases=cases)
    return [Row(case, None, joined.get(case.pk, []), "") for case in cases]


def _plain(value: Any) -> Any:
    """Keep spreadsheets from running what people typed as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


@require_safe
@never_cache
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Give the present list as CSV (streamed) or XLSX (at most 50,000 rows), with the filters that are on."""
    actor, at = reader(request)
    admit(rules.may_use_desk, actor)
    asked = asked_for(request, actor)
    titles = {kind.code: str(kind.title) for kind in kinds.kinds()}
    name = f"{asked.queue}-{timezone.localtime(at):%Y%m%d-%H%M}.{form}"
    if form == "xlsx":
        return _sheet(actor, asked, at, titles, name)
    language = get_language() or "zh-hans"
    response = StreamingHttpResponse(_lines(actor, asked, at, titles, language), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(actor: Actor, asked: Asked, at: datetime, titles: dict[str, str], language: str) -> Iterator[bytes]:
    from django.utils import translation

    buffer = io.StringIO()
    writer = csv.writer(buffer)

    def taken() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode()

    with translation.override(language):
        writer.writerow(_heads())
    yield b"\xef\xbb\xbf" + taken()
    for rows in _chunks(actor, asked, at):
        with translation.override(language):
            writer.writerows([_plain(cell) for cell in _cells(row, titles)] for row in rows)
        yield taken()


def _sheet(actor: Actor, asked: Asked, at: datetime, titles: dict[str, str], name: str) -> HttpResponseBase:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(QUEUE_WORDS[asked.queue][0])[:30])
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGHIJKLMNOPQRS", (24, 40, 10, 8, 16, 16, 30, 10, 20, 20, 14, 20, 8, 17, 17, 17, 8, 12, 12), strict=True):
        sheet.column_dimensions[column].width = width
    head = [WriteOnlyCell(sheet, value=word) for word in _heads()]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    told = 0
    for rows in _chunks(actor, asked, at):
        for row in rows[: MOST_SHEET - told]:
            sheet.append([_plain(cell) for cell in _cells(row, titles)])
        told += len(rows)
        if told >= MOST_SHEET:
            sheet.append([_("Only the first %(n)d rows are here; take the CSV for all.") % {"n": MOST_SHEET}])
            break
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")

