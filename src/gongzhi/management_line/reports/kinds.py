"""The kind that reports bring."""

from pathlib import Path

from django.utils.translation import pgettext_lazy

from gongzhi.cases.kind import CaseKind, register

REPORT = register(
    CaseKind(
        code="report", title=pgettext_lazy("kind of case", "Report"), line="management", mark="报", verify="on_site", has_categories=True,
        limit=(5, "working_days"),
        procedure=Path(__file__).with_name("procedures") / "report.yaml",
    )
)  # fmt: skip
