"""Pages of plans."""

import yaml
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel.web import actor_of, admit, attempt, page
from gongzhi.management_line.emergencies import forms, operations, queries, rules
from gongzhi.management_line.emergencies.models import LEVEL_STATE, LEVEL_WORDS, PublicAlert, own
from gongzhi.management_line.emergencies.shipped import EXAMPLE

PLANS = "/emergencies/plans/"


@require_safe
@never_cache
def plan_list(request: HttpRequest) -> HttpResponse:
    """List the plans: those in force, drafts that wait, versions that ended."""
    actor = actor_of(request)
    admit(rules.may_see_plans, actor)
    found = list(queries.plans_of_town(seen_by=actor))
    groups = [
        (_("In force"), [one for one in found if one.state == "in_force"]), (_("Drafts"), [one for one in found if one.state == "draft"]),
        (_("No longer in force"), [one for one in found if one.state == "ended"]),
    ]  # fmt: skip
    return page(request, "emergencies/plans.html", {"groups": groups, "has_any": bool(found), "may_draft": rules.may_draft(actor)})


@require_safe
@never_cache
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show a version: what calls for it, and each level with its tasks by unit."""
    actor = actor_of(request)
    admit(rules.may_see_plans, actor)
    found = queries.plan_by_id(seen_by=actor, plan_id=plan_id)
    names = {organ.code: str(organ) for organ in organs.organs(seen_by=actor).filter(code__in=found.plan.units)}
    levels = [
        {
            "word": LEVEL_WORDS[number], "chip": LEVEL_STATE[number], "text": own(level.text), "tell": own(level.tell), "report_every": level.report_every,
            "places": level.places, "tasks": [(names.get(duty.unit, duty.unit), own(duty.title), duty.minutes) for duty in level.tasks],
        }
        for number, level in found.plan.levels.items()
    ]  # fmt: skip
    triggers = [("、".join(one.words), PublicAlert.RANK_WORDS[one.severity], LEVEL_WORDS[one.level], one.by_itself) for one in found.plan.triggers]
    return page(
        request, "emergencies/plan.html",
        {
            "plan": found, "lead": names.get(found.plan.lead, found.plan.lead), "levels": levels, "triggers": triggers,
            "may_adopt": found.state == "draft" and rules.may_adopt(actor, found), "may_draft": rules.may_draft(actor),
            "may_end": rules.may_draft(actor) if found.state == "draft" else found.state == "in_force" and rules.may_adopt(actor, found),
            "may_command": rules.may_command(actor) and found.state == "in_force",
        },
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "POST"])
def new_plan(request: HttpRequest) -> HttpResponse:
    """Draft a plan, or a new version of one."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    initial = {"definition": EXAMPLE}
    source = request.GET.get("from", "")
    if source.isascii() and source.isdigit() and len(source) < 12:
        kept = queries.plan_by_id(seen_by=actor, plan_id=int(source))
        told = yaml.safe_dump(kept.definition, allow_unicode=True, sort_keys=False, width=140)
        initial = {"code": kept.code, "title": kept.title, "title_en": kept.title_en, "definition": told}
    form = forms.PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: operations.draft_plan(by=actor, at=at, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("Drafted. Somebody else of the committee reads and adopts it."))
            return HttpResponseRedirect(f"{PLANS}{made.pk}/")
    return page(request, "emergencies/plan_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
def adopt_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Put a drafted version in force."""
    operations.adopt_plan(by=actor_of(request), at=timezone.now(), plan_id=plan_id)
    messages.success(request, _("In force from now on. Responses under way stay on their version."))
    return HttpResponseRedirect(f"{PLANS}{plan_id}/")


@require_POST
def end_plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Let a version no longer hold."""
    operations.end_plan(by=actor_of(request), at=timezone.now(), plan_id=plan_id)
    messages.success(request, _("It is no longer in force."))
    return HttpResponseRedirect(PLANS)
