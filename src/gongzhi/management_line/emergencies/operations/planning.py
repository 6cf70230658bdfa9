"""Plans: drafted, adopted by another, ended."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.emergencies import rules
from gongzhi.management_line.emergencies.facts import (
    PlanAdopted,
    PlanDrafted,
    PlanEnded,
)
from gongzhi.management_line.emergencies.models import (
    EmergencyPlan,
)
from gongzhi.management_line.emergencies.operations._shared import PlanNotInForce, check_plan, said


@operation
def draft_plan(*, by: Actor, at: datetime, code: str, title: str, definition: Mapping[str, Any], title_en: str = "") -> EmergencyPlan:
    """Draft a new version of a plan; it is obeyed once somebody else has adopted it. Raises FaultyPlan with every fault."""
    ensure(rules.may_draft)
    check_plan(definition, at)
    title = said(title, "title", 80)
    last = EmergencyPlan.objects.filter(code=code).order_by("-version").values_list("version", flat=True).first() or 0
    made = EmergencyPlan.objects.create(
        town_id=current_town(), code=code, version=last + 1, title=title, title_en=title_en.strip()[:120], definition=json.loads(json.dumps(definition)),
        drafted_by_id=by.person_id, drafted_at=at,
    )  # fmt: skip
    record(PlanDrafted(subject=ref(made), code=code, version=made.version))
    return made


@operation
def adopt_plan(*, by: Actor, at: datetime, plan_id: int) -> EmergencyPlan:
    """Put a drafted version in force; the one before ends. Responses under way stay on theirs."""
    drafted = EmergencyPlan.objects.select_for_update().get(pk=plan_id)
    ensure(rules.may_adopt, drafted)
    if drafted.state != EmergencyPlan.State.DRAFT:
        raise PlanNotInForce(drafted)
    check_plan(drafted.definition, at)
    EmergencyPlan.objects.filter(code=drafted.code, state=EmergencyPlan.State.IN_FORCE).update(state=EmergencyPlan.State.ENDED, ended_at=at)
    drafted.state, drafted.adopted_at = EmergencyPlan.State.IN_FORCE, at
    drafted.save()
    digest = hashlib.sha256(json.dumps(drafted.definition, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    record(PlanAdopted(subject=ref(drafted), code=drafted.code, version=drafted.version, digest=digest))
    return drafted


@operation
def end_plan(*, by: Actor, at: datetime, plan_id: int) -> EmergencyPlan:
    """Let a plan, or a draft, no longer hold."""
    plan = EmergencyPlan.objects.select_for_update().get(pk=plan_id)
    ensure(rules.may_draft)
    if plan.state == EmergencyPlan.State.IN_FORCE:
        ensure(rules.may_adopt, plan)
    plan.state, plan.ended_at = EmergencyPlan.State.ENDED, at
    plan.save()
    record(PlanEnded(subject=ref(plan), code=plan.code, version=plan.version))
    return plan
