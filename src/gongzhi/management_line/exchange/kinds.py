"""The two kinds that exchange brings."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.cases.kind import CaseKind, register
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.exchange import queries, rules

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

FOLDER = Path(__file__).with_name("procedures")


def _request(*, seen_by: Actor, case: "Case") -> dict[str, Any]:
    """Return what the page of a request shows beside its steps: nothing to whom it does not concern."""
    found = queries.request_of_case(seen_by=seen_by, case=case)
    return {} if found is None else {"request": found, "fields": queries.fields_of(seen_by=seen_by, request=found)}


def _correction(*, seen_by: Actor, case: "Case") -> dict[str, Any]:
    """Return what the page of a correction shows beside its steps: the proposed value only to the two sides."""
    found = queries.correction_of_case(seen_by=seen_by, case=case)
    return {} if found is None else queries.correction_shown(seen_by=seen_by, correction=found, case=case)


DATA_REQUEST = register(
    CaseKind(
        code="data_request", title=pgettext_lazy("kind of case", "Request for data"), line="management", mark="享", verify="none", visibility="parties",
        may_be_public=False, rated=False, doors=frozenset(), needs_dossier=True, may_open=rules.may_open_request, procedure=FOLDER / "data_request.yaml",
        dossier_template="exchange/_request.html", dossier=_request, roles=("applicant",), limit=(10, "working_days"),
    )
)  # fmt: skip
CORRECTION = register(
    CaseKind(
        code="correction", title=pgettext_lazy("kind of case", "Correction"), line="management", mark="更", verify="none", visibility="restricted",
        may_be_public=False, doors=frozenset(), needs_dossier=True, may_open=rules.may_open_correction, procedure=FOLDER / "correction.yaml",
        dossier_template="exchange/_correction.html", dossier=_correction, roles=("applicant",), limit=(10, "working_days"),
        words={"act.decide": _("Answered")},
    )
)  # fmt: skip
