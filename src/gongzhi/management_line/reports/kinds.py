"""The kind that reports bring."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from gongzhi.cases.kind import CaseKind, register

REPORT = register(
    CaseKind(
        code="report", title=_("Report"), line="management", mark="报", verify="on_site",
        procedure=Path(__file__).with_name("procedures") / "report.yaml",
    )
)  # fmt: skip
