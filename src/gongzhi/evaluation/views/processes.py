"""The evaluation on pages: which processes there are, and how one really goes."""

import tempfile
from typing import IO, Any

import orjson
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries as cases
from gongzhi.evaluation import mining, ocel, process_drawing, queries, rules, words, xes
from gongzhi.evaluation.forms import ProcessForm
from gongzhi.evaluation.views._reader import reader
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import doors
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.web import admit, page

SHOWN_VARIANTS = 8
SHOWN_ARCS = 26  # of a map that is drawn; the table below it has all
SLOW = 3  # arcs that a map marks as those where most time goes


def _kind(code: str) -> kinds.CaseKind:
    try:
        return kinds.kind_of(code)
    except kinds.UnknownKind as error:
        raise Http404(code) from error


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what the town can look at itself by: its processes, and what else modules have hung here."""
    actor, at = reader(request)
    form = ProcessForm({}, actor=actor, at=at)
    form.is_valid()
    asked = form.asked
    counted = cases.counted_by_kind(seen_by=actor, since=asked["since"], until=asked["until"])
    shown = sorted(((kind, counted[kind.code]) for kind in kinds.kinds() if counted.get(kind.code)), key=lambda pair: -pair[1])
    return page(request, "evaluation/index.html", {"now": at, "kinds": shown, "doors": doors.shown("evaluation", actor=actor, at=at)})


@require_safe
def process(request: HttpRequest, kind: str) -> HttpResponse:
    """Show how the cases of a kind really went in a span: map, ways, waits, hand-offs, what was done again, and the procedure beside it."""
    actor, at = reader(request)
    found_kind = _kind(kind)
    form = ProcessForm(request.GET, actor=actor, at=at)
    if not form.is_valid():
        return page(request, "evaluation/process.html", {"now": at, "kind": found_kind, "form": form, "found": None}, status=422)
    found = queries.process(seen_by=actor, kind=kind, **form.asked)
    acts, stages = words.acts_and_stages(seen_by=actor, kind=kind)
    mined = found.mined
    names = queries.organ_names(seen_by=actor, found=found, english=words.is_english())
    most = mined.variants[0][1] if mined.variants else 1
    slow = {(arc.source, arc.target) for arc in mined.bottlenecks[:SLOW]}
    return page(request, "evaluation/process.html", {
        "now": at, "kind": found_kind, "form": form, "found": found, "mined": mined, "told": form.cleaned_data,
        "map": _map(found_kind, mined, acts, slow), "hidden_arcs": max(0, len(mined.arcs) - SHOWN_ARCS), "least": cases.LEAST_NUMBER,
        "through": words.span(mined.through_median), "through_p90": words.span(mined.through_p90),
        "variants": [
            {"acts": [words.word(acts, act) for act in way], "n": n, "share": n / mined.cases, "width": f"{n / most * 100:.1f}%"}
            for way, n in mined.variants[:SHOWN_VARIANTS]
        ],
        "more_variants": max(0, len(mined.variants) - SHOWN_VARIANTS),
        "arcs": [
            {"from": words.word(acts, arc.source), "to": words.word(acts, arc.target), "n": arc.count, "median": words.span(arc.median_hours),
             "p90": words.span(arc.p90_hours), "share": arc.total_hours / mined.waited_hours if mined.waited_hours else None,
             "is_slow": (arc.source, arc.target) in slow}
            for arc in mined.arcs
        ],
        "rework": [{"act": words.word(acts, again.activity), "cases": again.cases, "repeats": again.repeats, "share": again.cases / again.of_cases}
                   for again in mined.rework],
        "handoffs": [{"from": names.get(one.source, "—"), "to": names.get(one.target, "—"), "n": one.count} for one in mined.handoffs[:10]],
        "deviations": [{"stage": words.word(stages, stage), "act": words.word(acts, act), "n": n} for (stage, act), n in found.deviations[:10]],
        "may_export": rules.may_export_histories(actor), "has_procedure": found.walked > 0,
    })  # fmt: skip


def _map(kind: kinds.CaseKind, mined: mining.Mined, acts: Any, slow: set[tuple[str, str]]) -> Any:
    arcs = mined.arcs[:SHOWN_ARCS]
    seen = {code for arc in arcs for code in (arc.source, arc.target)}
    nodes = [
        process_drawing.DrawnNode(code, words.word(acts, code), _("%(n)s times") % {"n": n}) for code, n in mined.activities.items() if code in seen
    ]  # fmt: skip
    known = {node.code for node in nodes}
    drawn = [
        process_drawing.DrawnArc(arc.source, arc.target, arc.count, f"{arc.count} · {words.span(arc.median_hours)}", (arc.source, arc.target) in slow)
        for arc in arcs if arc.source in known and arc.target in known
    ]  # fmt: skip
    if not nodes:
        return ""
    label = _("Map of how cases of the kind “%(kind)s” went; the table below says the same.") % {"kind": kind.title}
    return mark_safe(process_drawing.to_svg(nodes, drawn, label=label))  # noqa: S308 - built by ElementTree, which escapes


# ---- files ----------------------------------------------------------------------------------------------------------
def _asked(request: HttpRequest, kind: str) -> tuple[Actor, ProcessForm]:
    """Return who asks for a file and for what; refuse who may not, and what cannot be read."""
    actor, at = reader(request)
    _kind(kind)
    admit(rules.may_export_histories, actor)
    form = ProcessForm(request.GET, actor=actor, at=at)
    if not form.is_valid():
        raise Http404(", ".join(form.errors))
    return actor, form


def _file(kind: str, form: ProcessForm, ending: str) -> str:
    return f"{kind}-{form.cleaned_data['since']:%Y%m%d}-{form.cleaned_data['until']:%Y%m%d}.{ending}"


@require_safe
def process_xes(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Give what happened to the cases as an event log, XES (IEEE 1849): organs as resources, never people."""
    actor, form = _asked(request, kind)
    acts, _stages = words.acts_and_stages(seen_by=actor, kind=kind)
    names = {organ.pk: organ.name for organ in organs.organs(seen_by=actor)}
    log = (
        (one.number, [(words.word(acts, act), at, names.get(organ or 0, "")) for act, at, organ in one.events])
        for one in cases.histories(seen_by=actor, kind=kind, **form.asked)
    )  # fmt: skip
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=4_000_000)  # noqa: SIM115 - the answer closes it
    for part in xes.written(log):
        kept.write(part.encode())
    kept.seek(0)
    return FileResponse(kept, as_attachment=True, filename=_file(kind, form, "xes"), content_type="application/xml; charset=utf-8")


@require_safe
def process_ocel(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the same as OCEL 2.0 (JSON): cases, organs and areas as objects."""
    actor, form = _asked(request, kind)
    told = ocel.document(
        cases.histories(seen_by=actor, kind=kind, **form.asked),
        organs={organ.pk: organ.name for organ in organs.organs(seen_by=actor)},
        areas={area.pk: area.name for area in territory.present_areas(seen_by=actor)},
    )
    answer = HttpResponse(orjson.dumps(told), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file(kind, form, "ocel.json")}"'
    return answer
