"""The territory for its administrators: areas as a tree and on the map, gaps and overlaps shown."""

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.territory import forms, operations, queries, rules
from gongzhi.kernel.web import actor_of, admit, attempt, json_answer, page

if TYPE_CHECKING:
    from gongzhi.foundation.territory.models import Area


@require_safe
@never_cache
def areas(request: HttpRequest) -> HttpResponse:
    """Show the areas that hold now, parents before children, and where grids leave gaps or overlap."""
    actor = actor_of(request)
    admit(rules.may_define_territory, actor)
    found = list(queries.areas(seen_by=actor))
    names = {area.pk: area.name for area in found}
    faults = [(fault, [names.get(pk, "") for pk in fault.area_ids]) for fault in queries.coverage(seen_by=actor)]
    parents = {area.parent_id for area in found}
    rows = [(area, area.path.count("."), forms.LEVEL_WORDS[area.level], area.pk not in parents) for area in found]
    return page(
        request, "territory/areas.html", {"rows": rows, "faults": faults[:50], "more": max(0, len(faults) - 50), "drawn": any(area.boundary for area in found)}
    )


@require_safe
@never_cache
def faults_data(request: HttpRequest) -> HttpResponse:
    """Give the boundaries with gaps and overlaps among them, for the map."""
    actor = actor_of(request)
    admit(rules.may_define_territory, actor)
    told = queries.geojson(seen_by=actor)
    for number, fault in enumerate(queries.coverage(seen_by=actor)[:200]):
        told["features"].append({"type": "Feature", "id": 10**9 + number, "geometry": fault.shape, "properties": {"level": "fault", "name": fault.kind}})
    return json_answer(told)


@never_cache
@require_http_methods(["GET", "POST"])
def area_edit(request: HttpRequest, area_id: int | None = None) -> HttpResponse:
    """Draw an area, rename it or draw it anew; a new boundary holds from now on, cases taken in before keep the old one."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_define_territory, actor)
    known = queries.area_for(seen_by=actor, area_id=area_id) if area_id is not None else None
    above = [
        (area.pk, f"{'　' * area.path.count('.')}{area.name}")
        for area in queries.areas(seen_by=actor).exclude(level="grid")
        if known is None or area.pk != known.pk
    ]
    initial: dict[str, Any] = {"level": "grid", "parent": request.GET.get("parent", "")}
    if known is not None:
        boundary = known.boundary
        initial = {
            "level": known.level,
            "parent": known.parent_id,
            "code": known.code,
            "name": known.name,
            "boundary": json.dumps(boundary) if boundary else "",
        }
    post = request.method == "POST"
    form = forms.AreaForm(above, request.POST if post else None, request.FILES if post else None, fixed=known is not None, initial=initial)
    if post and form.is_valid():
        given = form.cleaned_data
        boundary = given["boundary"] if given["boundary"] is not None or known is None else known.boundary

        def act() -> "Area":
            return operations.define_area(
                by=actor, at=at, level=given["level"], code=given["code"], name=given["name"], parent_id=given["parent"], boundary=boundary
            )

        if attempt(form, act) is not None:
            messages.success(request, _("Area %(name)s stands.") % {"name": given["name"]})
            return HttpResponseRedirect("/administration/areas/")
    return page(request, "territory/area_form.html", {"form": form, "known": known}, status=422 if form.errors else 200)


@require_POST
def area_end(request: HttpRequest, area_id: int) -> HttpResponse:
    """End an area."""
    ended = operations.end_area(by=actor_of(request), at=timezone.now(), area_id=area_id)
    messages.success(request, _("Area %(name)s has ended.") % {"name": ended.name})
    return HttpResponseRedirect("/administration/areas/")
