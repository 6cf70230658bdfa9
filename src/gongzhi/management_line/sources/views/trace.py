"""Where an exceedance may come from: a map, a table with reasons, and the way to the alarm's case."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gongzhi.cases import acts
from gongzhi.cases import queries as cases
from gongzhi.kernel.web import actor_of, admit, page
from gongzhi.management_line.sources import queries, rules
from gongzhi.management_line.sources.earth import compass


@never_cache
@require_GET
def trace(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Show the likely sources of a stretch beyond a limit; an officer goes on to order or ask a firm in the alarm's case."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_trace, actor)
    found = queries.trace(seen_by=actor, episode_id=episode_id, at=at)
    case = cases.cases(seen_by=actor).filter(pk=found.episode.case_id).first() if found.episode.case_id else None
    may_join = case is not None and "join" in acts.codes_now(seen_by=actor, case=case, at=at)
    asked = {one.organ_id: one for one in cases.tasks_of_case(seen_by=actor, case=case)} if case is not None else {}
    rows = []
    for one in found.suspects:
        task = _("Check %(source)s for the exceedance of %(factor)s at %(station)s, stop it where it comes from there, and report") % {
            "source": one.label,
            "factor": found.episode.label,
            "station": found.station.label,
        }
        words = urlencode({"organ": one.organ.pk, "task": task[:200], "is_order": "on"})
        rows.append(
            (one, f"/cases/{case.slug}/join/?{words}" if case is not None and may_join and one.organ.pk != case.lead_id else "", asked.get(one.organ.pk))
        )
    names = [compass(45 * number) for number in range(8)]
    return page(
        request,
        "sources/trace.html",
        {
            "now": at,
            "trace": found,
            "episode": found.episode,
            "case": case,
            "rows": rows,
            "may_join": may_join,
            "points": f"/trace/{episode_id}.geojson",
            "directions": [*names, _("calm")],
            "rose": [(_("share of the time in %"), [round(share * 100, 1) for share in found.rose])] if found.winds else [],
        },
    )


@never_cache
@require_GET
def geojson(request: HttpRequest, episode_id: int) -> HttpResponse:
    """Give the likely sources as GeoJSON points, the heaviest marked, and the station itself."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_trace, actor)
    found = queries.trace(seen_by=actor, episode_id=episode_id, at=at)
    features = []
    for number, one in enumerate(found.suspects):
        longitude, latitude = one.point
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
                "properties": {
                    "title": one.label,
                    "url": f"/sources/{one.source.code}/",
                    "chip": "late" if number == 0 else "warn" if one.share >= 0.2 else "open",
                    "state": _("%(share)s %% of the weight") % {"share": round(one.share * 100)},
                    "number": str(one.organ),
                },
            }
        )
    return JsonResponse({"type": "FeatureCollection", "features": features}, json_dumps_params={"ensure_ascii": False})
