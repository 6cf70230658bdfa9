"""Who may make matters, apply, complete, and see what was said."""

from typing import TYPE_CHECKING

from gongzhi.cases import rules as cases
from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case
    from gongzhi.service_line.applications.models import Filing, ItemVersion, ServiceItem


def may_draft_items(actor: Actor, organ_id: int | None = None) -> bool:
    """Only the unit whose matter it is, and the administrator, make and change it."""
    if actor.kind == "system":
        return True
    if organ_id is None:
        return actor.can("may_draft_items")
    return actor.can("may_draft_items", organ_id=organ_id) or actor.can("may_import_items")


def may_adopt_items(actor: Actor, version: "ItemVersion | None" = None) -> bool:
    """The committee adopts matters, and nobody adopts what they made themselves."""
    if actor.kind == "system":
        return True
    if not actor.can("may_adopt_items"):
        return False
    return version is None or version.made_by != actor.ref


def may_end_item(actor: Actor, item: "ServiceItem") -> bool:
    """Only the committee ends a matter."""
    return actor.kind == "system" or actor.can("may_adopt_items")


def may_import_items(actor: Actor) -> bool:
    """Only the administrator brings in lists of matters."""
    return actor.kind == "system" or actor.can("may_import_items")


def may_see_drafts(actor: Actor) -> bool:
    """What is being drafted is for those who make and adopt matters."""
    return actor.kind == "system" or actor.can("may_draft_items", "may_adopt_items", "may_import_items")


def may_apply(actor: Actor, organ_id: int | None = None) -> bool:
    """Sign in to apply; for a firm applies who speaks for it."""
    if actor.kind == "system":
        return True
    if actor.person_id is None:
        return False
    return organ_id is None or actor.serves_in(organ_id)


def may_file_at_window(actor: Actor) -> bool:
    """Only the staff of a window files for somebody who comes in person."""
    return actor.kind == "system" or actor.can("may_file_at_window")


def may_open_application(actor: Actor) -> bool:
    """An application is filed on the page of its matter."""
    return actor.kind in ("system", "clock") or actor.person_id is not None


def is_applicant(actor: Actor, case: "Case") -> bool:
    """Only whoever applied, and whom they gave authority, may do this."""
    return actor.kind == "system" or cases.holds_part(actor, case, "applicant")


def works_on(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this application may do this."""
    return actor.kind == "system" or actor.serves_in(case.lead_id)


def may_ask_correction(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this application asks for what is missing, before it has admitted it."""
    asks_in = "receive" if case.procedure is not None and "receive" in case.procedure.definition.get("stages", {}) else "decide"
    return works_on(actor, case) and case.kind == "application" and case.stage == asks_in and case.is_open and not case.is_stopped


def may_grant(actor: Actor, case: "Case") -> bool:
    """Only the unit that has this application decides on it, when everybody who was asked has answered."""
    return works_on(actor, case) and case.kind == "application" and case.stage == "decide" and case.is_open


def may_correct(actor: Actor, case: "Case") -> bool:
    """Only whoever applied adds what was named as missing."""
    return is_applicant(actor, case) and case.kind == "application" and case.stage == "correct"


def may_add_material(actor: Actor, case: "Case") -> bool:
    """Only whoever applied adds papers, while the application is open."""
    return is_applicant(actor, case) and case.kind == "application" and case.is_open


def may_judge_material(actor: Actor, case: "Case") -> bool:
    """Only those who work on this application say whether a paper will do."""
    return actor.kind == "system" or (bool(actor.organ_ids & set(case.involved)) and not cases.is_party(actor, case))


def may_settle(actor: Actor) -> bool:
    """Figures of what has ended are kept by the product itself."""
    return actor.is_clock or actor.kind == "system"


def sees_values(actor: Actor, filing: "Filing", case: "Case") -> bool:
    """What was said in an application is for its parties and those who work on it."""
    return actor.kind in ("system", "clock") or case.is_visible_to(actor)
