"""Findings on pages: those of the last week, and one with the cases that it rests on."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from gongzhi.evaluation import queries, telling
from gongzhi.evaluation.views._reader import reader
from gongzhi.kernel.web import page


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """Show what the last look through the record found, surest first."""
    actor, at = reader(request)
    week = queries.newest_week(seen_by=actor)
    told = telling.tell(seen_by=actor, found=queries.findings(seen_by=actor, week=week) if week else [])
    return page(request, "evaluation/findings.html", {"now": at, "week": week, "found": told})


@require_safe
def finding(request: HttpRequest, finding_id: int) -> HttpResponse:
    """Show one finding: the figures, how sure, who owns it, in which weeks it stood, and its cases."""
    actor, at = reader(request)
    one = queries.finding(seen_by=actor, finding_id=finding_id)
    (told,) = telling.tell(seen_by=actor, found=[one])
    return page(request, "evaluation/finding.html", {"now": at, "told": told, "one": one, "weeks": queries.weeks_found(seen_by=actor, one=one)})
