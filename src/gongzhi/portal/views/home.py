"""The portal's home, its search, and the pages about the site itself."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from gongzhi.cases import queries as cases
from gongzhi.foundation.search import queries as search_queries
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import page
from gongzhi.portal import queries, rules
from gongzhi.portal.views.asking import reader

MOST_FOUND = 10


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the portal's home: what one can do, the reader's own cases, the town's figures and readings today."""
    actor, at = reader(request)
    mine = queries.followed(seen_by=actor, most=3)
    needs = queries.needs_now(seen_by=actor, at=at) if actor.is_signed_in or actor.case_ids else []
    clocks = cases.clocks_of_list(seen_by=actor, cases=[need.case for need in needs], at=at) if needs else {}
    figures = cases.figures(seen_by=ANYONE, at=at)
    asked = sorted(((name, n) for life in figures.lives for name, n in life.top), key=lambda pair: -pair[1])
    names = queries.category_names(seen_by=ANYONE, at=at)
    return page(
        request,
        "portal/home.html",
        {
            "now": at,
            "figures": figures,
            "origins": sorted(figures.by_origin_today.items(), key=lambda pair: -pair[1])[:3],
            "often": [names.get(name, name) for name, _n in asked[:3]],
            "needs": [(need, clocks.get(need.case.pk)) for need in needs],
            "mine": [(case, view) for case, view in _with_clocks(actor, mine, at)],
            "solved": cases.first_cases(seen_by=ANYONE, most=3, state="closed", order="touched"),
            "coming": cases.first_cases(seen_by=ANYONE, most=3, state="open"),
            "readings": queries.public_readings(seen_by=ANYONE, at=at),
        },
    )


def _with_clocks(actor, found, at):  # type: ignore[no-untyped-def]
    clocks = cases.clocks_of_list(seen_by=actor, cases=found, at=at) if found else {}
    return [(case, clocks.get(case.pk)) for case in found]


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find: a case by its exact number or follow code, whatever the reader may see by words, and what one may report by name.

    Cases of the last seconds, which the index has not read yet, are found by their words as they stand.
    """
    actor, at = reader(request)
    text = request.GET.get("q", "").strip()[:80]
    if text and cases.is_follow_code(seen_by=actor, text=text):
        return HttpResponseRedirect(f"/follow/#{text}")
    number = cases.case_of_text(seen_by=actor, text=text) if text else None
    if number is not None:
        return HttpResponseRedirect(f"/cases/{number.slug}/")
    sections = search_queries.find(seen_by=actor, text=text, most=MOST_FOUND) if text else []
    found = [one.thing for section in sections if section.kind == "case" for one in section.found]
    known = {case.pk for case in found}
    fresh = cases.first_cases(seen_by=actor, most=MOST_FOUND, text=text, order="touched") if text else []
    return page(
        request, "portal/search.html",
        {"now": at, "q": text, "found": (found + [case for case in fresh if case.pk not in known])[: 2 * MOST_FOUND],
         "sections": [section for section in sections if section.kind != "case"], "categories": queries.categories_like(seen_by=ANYONE, text=text, at=at)},
    )  # fmt: skip


@require_GET
def access(request: HttpRequest) -> HttpResponse:
    """Say how the site can be used by everybody, and what does not work yet."""
    return page(request, "portal/access.html")


@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, why and how long."""
    return page(request, "portal/privacy.html")


@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """Send whoever has just signed in to where they work: outdoors, at a desk, at a firm, or home."""
    actor, _at = reader(request)
    if rules.may_use_field(actor) and set(actor.roles) <= {"grid_worker"}:
        return HttpResponseRedirect("/field/")
    if rules.may_use_desk(actor):
        return HttpResponseRedirect("/desk/")
    if rules.may_use_firm_home(actor):
        return HttpResponseRedirect("/firm/")
    return HttpResponseRedirect("/")
