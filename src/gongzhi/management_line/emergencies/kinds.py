"""The kind that this module brings: emergency 急."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.cases.kind import CaseKind, register
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.emergencies import queries, rules

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


def dossier(*, seen_by: Actor, case: "Case") -> dict[str, Any]:
    """Return the emergency for the case page, or {} where none is kept."""
    emergency = queries.emergency_of_case(seen_by=seen_by, case_id=case.pk)
    return {"emergency": emergency, "may_see_board": rules.may_see_plans(seen_by)} if emergency is not None else {}


EMERGENCY = register(
    CaseKind(
        code="emergency", title=pgettext_lazy("kind of case", "Emergency"), line="management", mark="急",
        procedure=Path(__file__).with_name("procedures") / "emergency.yaml",
        verify="none", doors=frozenset(), needs_dossier=True, rated=False, may_open=rules.may_command, dossier_template="emergencies/_dossier.html",
        dossier=dossier, words={"state.in_hand": _("Response under way")},
    )
)  # fmt: skip
