"""What has ended is counted; a bundle ends with its last part. Acts of the product itself, called by subscribers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gongzhi.cases import operations as cases
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.service_line.applications import queries, rules
from gongzhi.service_line.applications.facts import ApplicationSettled
from gongzhi.service_line.applications.models import Filing, Material

BLANK: dict[str, Any] = {
    "due_at": None, "decided_at": None, "withdrawn_at": None, "result": "", "result_type": "", "by_clock": False, "days": None, "stopped_days": 0,
    "extended": False,
    "on_promised": None, "on_statutory": None,
}  # fmt: skip


@operation
def settle(*, by: Actor, at: datetime, case_id: int, end: str, by_clock: bool = False) -> Filing:
    """Write down what figures count of an application that was decided, withdrawn or reopened (`end`)."""
    filing = Filing.objects.select_for_update(of=("self",)).select_related("case", "version", "item").get(case_id=case_id)
    ensure(rules.may_settle)
    told: dict[str, Any] = dict(BLANK)
    case = filing.case
    if end == "decided" and case.result_type != "neutral":
        told |= {"decided_at": case.closed_at, "result": case.result, "result_type": case.result_type, "by_clock": by_clock}
        told |= queries.figures_of_end(seen_by=by, case=case, filing=filing)
    elif end != "reopened":
        told |= {"withdrawn_at": case.closed_at or at, "result": case.result}
    for name, value in told.items():
        setattr(filing, name, value)
    filing.save(update_fields=list(told))
    record(
        ApplicationSettled(
            subject=ref(case), case_id=case.pk, item=filing.item.code, organ_id=filing.organ_id, end=end, result=filing.result, result_type=filing.result_type,
            by_clock=by_clock, online=filing.decided_online, days=filing.days, on_promised=filing.on_promised, on_statutory=filing.on_statutory, public=True,
        )
    )  # fmt: skip
    return filing


@operation
def settle_bundle(*, by: Actor, at: datetime, case_id: int, results: Sequence[str]) -> Any:
    """End a bundle whose parts have all ended; `results` are the types of their results ("" for what was withdrawn)."""
    filing = Filing.objects.select_related("case").get(case_id=case_id)
    ensure(rules.may_settle)
    good = sum(result == "positive" for result in results)
    result = "all_granted" if good == len(results) else "some_granted" if good else "none_granted"
    case = cases.decide_case(by=by, at=at, case_id=case_id, result=result)
    record(ApplicationSettled(
        subject=ref(case), case_id=case_id, item=filing.item.code, organ_id=filing.organ_id, end="bundle", result=result, result_type=case.result_type,
        by_clock=False,
        online=True, days=None, on_promised=None, on_statutory=None,
    ))  # fmt: skip
    return case


@operation
def forget_values(*, by: Actor, at: datetime, person_id: int) -> int:
    """Throw away what an erased person answered in applications that have ended; that they were decided stays. Returns how many."""
    ensure(rules.may_settle)
    theirs = Filing.objects.filter(case__raised_by_id=person_id, case__raised_for__isnull=True, case__closed_at__isnull=False)
    ids = list(theirs.values_list("pk", flat=True))
    Material.objects.filter(filing_id__in=ids).update(attachment=None, says="")
    Filing.objects.filter(pk__in=ids).update(values_sealed=b"")
    record(ApplicationSettled(
        subject=f"people.person:{person_id}", case_id=0, item="", organ_id=0, end="erased", result="", result_type="", by_clock=False, online=True, days=None,
        on_promised=None, on_statutory=None,
    ))  # fmt: skip
    return len(ids)
