"""The kinds that openness brings: questions to the town, and requests for its papers."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.cases.kind import CaseKind, register
from gongzhi.kernel.actors import Actor
from gongzhi.service_line.openness import queries, rules

FOLDER = Path(__file__).with_name("procedures")


def _enquiry(*, seen_by: Actor, case: Any) -> dict[str, Any]:
    return queries.enquiry_dossier(seen_by=seen_by, case=case)


def _request(*, seen_by: Actor, case: Any) -> dict[str, Any]:
    return queries.request_dossier(seen_by=seen_by, case=case)


ENQUIRY = register(
    CaseKind(
        code="enquiry", title=pgettext_lazy("kind of case", "Enquiry"), line="service", mark="询", verify="none", may_open=rules.may_ask, doors=frozenset(),
        needs_dossier=True, procedure=FOLDER / "enquiry.yaml", limit=(5, "working_days"), dossier=_enquiry, dossier_template="openness/_enquiry.html",
        words={"state.assigned": _("Waits for an answer"), "state.in_hand": _("Being answered"), "state.answered": _("Answered, you can ask on"),
               "act.answer": _("Give the answer")},
    )
)  # fmt: skip
DISCLOSURE = register(
    CaseKind(
        code="disclosure", title=pgettext_lazy("kind of case", "Request for information"), line="service", mark="申", verify="none", visibility="restricted",
        may_be_public=False, may_open=rules.may_request, doors=frozenset(), needs_dossier=True, procedure=FOLDER / "disclosure.yaml",
        limit=(20, "working_days"), roles=("applicant", "agent"), dossier=_request, dossier_template="openness/_request.html",
    )
)  # fmt: skip
