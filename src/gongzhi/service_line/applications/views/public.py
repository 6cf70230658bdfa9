"""What everybody sees: the home of matters, a matter's guide, one's own applications, the supervision board."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gongzhi.foundation.drafts import queries as drafts
from gongzhi.kernel import moments
from gongzhi.kernel.web import actor_of, admit, csv_answer, page
from gongzhi.service_line.applications import content, queries, rules

MOST_SHOWN = 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show how to find a matter: by everyday words, by event of life, by a firm's life, by family and department."""
    actor, at = actor_of(request), timezone.now()
    asked = {name: request.GET.get(name, "")[:80] for name in ("text", "organ", "family", "life", "stage", "applicant")}
    offered = queries.offered(seen_by=actor)
    found = queries.narrowed(seen_by=actor, **asked) if any(asked.values()) or "all" in request.GET else []
    organs: dict[str, dict[str, Any]] = {}
    for item in offered:
        known = organs.setdefault(item.organ.code, {"organ": item.organ, "count": 0})
        known["count"] += 1
    lives = [(code, word, sum(item.current is not None and code in item.current.life for item in offered)) for code, word in content.LIFE.items()]
    stages = [(code, word, sum(item.current is not None and item.current.firm_stage == code for item in offered)) for code, word in content.STAGES.items()]
    month = queries.newest_month(seen_by=actor, at=at)
    mine = drafts.drafts(seen_by=actor, session=request.session.session_key or "", beginning="application:", at=at)
    titles = {item.code: item for item in offered}
    return page(request, "applications/home.html", {
        "asked": asked, "is_narrowed": any(asked.values()) or "all" in request.GET, "found": found[:MOST_SHOWN], "count": len(found), "offered": len(offered),
        "organs": sorted(organs.values(), key=lambda one: -one["count"]), "lives": [one for one in lives if one[2]],
        "stages": [one for one in stages if one[2]],
        "families": [(code, word, sum(item.family == code for item in offered)) for code, word in content.FAMILIES.items()],
        "bundles": [item for item in offered if item.current is not None and item.current.pattern == "bundle"],
        "instant": [item for item in offered if item.current is not None and item.current.pattern in ("instant", "promise")][:8],
        "board": queries.board(seen_by=actor, month=month, at=at), "now": at,
        "drafts": [(titles[code], kept) for kept in mine if (code := kept.purpose.split(":")[1]) in titles],
    })  # fmt: skip


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """Show a matter's guide: who may, what is needed, how long, what it costs, what comes of it, where to appeal."""
    actor = actor_of(request)
    found = queries.item_for(seen_by=actor, code=code)
    if found.current is None:
        raise Http404(code)
    version = found.current
    papers = queries.papers(seen_by=actor, version=version, values={}, given=[])
    shown = {one.rule.code for one in papers}
    language = request.LANGUAGE_CODE if hasattr(request, "LANGUAGE_CODE") else "zh"
    others = [(rule.words(language), rule.hint(language)) for rule in content.materials(version.materials) if rule.code not in shown]
    offered = {one.code: one for one in queries.offered(seen_by=actor)}
    return page(request, "applications/item.html", {
        "item": found, "version": version, "papers": papers, "others": others, "parts": [offered[one] for one in version.parts if one in offered],
        "who": [content.APPLICANTS[one] for one in version.applicants], "asked": len([one for one in version.fields if not one.source]),
        "may_window": rules.may_file_at_window(actor), "may_draft": rules.may_draft_items(actor, found.organ_id),
    })  # fmt: skip


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Show one's own applications and drafts."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_apply, actor)
    titles = {one.code: one for one in queries.offered(seen_by=actor)}
    kept = drafts.drafts(seen_by=actor, beginning="application:", at=at)
    return page(request, "applications/mine.html", {
        "filings": queries.own_filings(seen_by=actor), "drafts": [(titles[code], one) for one in kept if (code := one.purpose.split(":")[1]) in titles],
        "now": at,
    })  # fmt: skip


def _why(code: str) -> tuple[str, str, str]:
    """Return the words, chip and icon of an exception."""
    return {
        "unlawful": (_("past the statutory limit"), "late", "triangle-alert"), "silent": (_("not answered in time, deemed granted"), "open", "clock"),
        "open_late": (_("due and not decided"), "late", "triangle-alert"), "late": (_("past the promised limit"), "warn", "clock"),
        "second_notice": (_("asked for more a second time"), "warn", "rotate-ccw"),
    }[code]  # fmt: skip


def _board(request: HttpRequest) -> tuple[Any, dict[str, Any]]:
    actor, at = actor_of(request), timezone.now()
    today = queries.today(seen_by=actor, at=at)
    asked = moments.day_or(f"{request.GET.get('month', '')}-01")
    month = asked.replace(day=1) if asked is not None and date(2000, 1, 1) <= asked <= today else queries.newest_month(seen_by=actor, at=at)
    organ, code = request.GET.get("organ", "")[:40], request.GET.get("item", "")[:60]
    return queries.board(seen_by=actor, month=month, at=at, organ=organ, item=code), {"organ": organ, "code": code, "today": today}


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """Show the month's figures: every rate with its fraction and definition, every exception as a line."""
    actor = actor_of(request)
    found, asked = _board(request)
    months = queries.months_with_figures(seen_by=actor)
    before = next((one for one in months if one < found.month), None)
    after = next((one for one in reversed(months) if one > found.month), None)
    item_title = ""
    if asked["code"]:
        item_title = next((one.name for one in found.items if one.key == asked["code"]), asked["code"])
    organ_title = next((one.name for one in found.organs if one.key == asked["organ"]), "") if asked["organ"] else ""
    return page(request, "applications/board.html", {
        "board": found, "before": before, "after": after, "asked": asked, "item_title": item_title, "organ_title": organ_title,
        "exceptions": [(one, *_why(one.why)) for one in found.exceptions],
    })  # fmt: skip


@require_safe
def board_csv(request: HttpRequest) -> HttpResponseBase:
    """Give the month's figures by matter as CSV."""
    found, _asked = _board(request)
    head = [
        "item", "title", "filed", "filed_online", "decided", "decided_online", "on_promised", "on_statutory", "granted", "refused", "silent", "due_not_decided",
        "days_median", "days_90",
    ]  # fmt: skip
    rows = (
        [one.key, one.name, one.filed, one.online, one.decided, one.decided_online, one.on_promised, one.on_statutory, one.granted, one.refused, one.silent,
         one.open_late, one.half if one.half is not None else "", one.ninety if one.ninety is not None else ""]
        for one in found.items
    )  # fmt: skip
    return csv_answer(f"matters-{found.month:%Y-%m}.csv", [head, *rows], marked=True)
