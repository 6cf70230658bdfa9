"""The kind that this module brings: application 办."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.cases.kind import CaseKind, register
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.service_line.applications import dossier, queries, rules

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


def facts_of(case: "Case") -> dict[str, Any]:
    """Return the answers of an application, by which procedures say which departments are asked."""
    filing = queries.filing_of(seen_by=CLOCK, case=case)
    if filing is None:
        return {}
    values, _sources = queries.values_of(seen_by=CLOCK, filing=filing)
    return {name: value for name, value in values.items() if isinstance(value, str | int | float | bool)} | {
        f"{name}_has_{one}": True for name, value in values.items() if isinstance(value, list) for one in value
    }


def in_one_look(*, seen_by: Actor, case: "Case", at: datetime) -> dict[str, Any]:
    """Return what the case page shows of an application; {} for what this reader may not see."""
    return dossier.dossier(seen_by=seen_by, case=case, at=at)


APPLICATION = register(
    CaseKind(
        code="application", title=pgettext_lazy("kind of case", "Application"), line="service", mark="办", verify="none", visibility="restricted",
        may_be_public=False,
        procedure=Path(__file__).with_name("procedures") / "ordinary.yaml", may_open=rules.may_open_application, doors=frozenset(), needs_dossier=True,
        roles=("applicant", "co_applicant", "agent"), dossier_template="applications/_dossier.html", dossier=in_one_look, facts_of=facts_of,
        own_results=frozenset({"ask", "corrected", "grant"}), words={"closed": _("decided")},
    )
)  # fmt: skip
