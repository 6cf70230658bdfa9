"""Acts of applications beside the engine's: one notice of all that is missing, and the grant."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from ninja import Field, Schema
from pydantic import ConfigDict

from gongzhi.cases.acts import CaseAct, register
from gongzhi.service_line.applications import forms, operations, rules

KIND = frozenset({"application"})


class ApplicationAskIn(Schema):
    """What is missing, all at once: codes of papers and fields."""

    model_config = ConfigDict(extra="forbid")
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="version of the case on which this was decided")
    missing: list[str] = Field(min_length=1, max_length=100)
    text: str = ""


class ApplicationGrantIn(Schema):
    model_config = ConfigDict(extra="forbid")
    version: int | None = Field(None, ge=1, le=2**31 - 1, description="version of the case on which this was decided")
    text: str = ""
    internal_text: str = ""
    on_paper: bool = False


register(CaseAct(
    code="application.grant", title=pgettext_lazy("application", "Grant"), icon="stamp", form=forms.GrantForm, kind="primary", key="g", kinds=KIND,
    may=rules.may_grant,
    body=ApplicationGrantIn,
    done=_("Granted."), word=pgettext_lazy("application", "Granted"), chip="ok",
    lead=_("Whoever applied hears of it at once. What was allowed to follow must be there."),
    run=lambda by, at, case, data, papers: operations.grant(
        by=by, at=at, case_id=case.pk, text=data["text"], internal_text=data["internal_text"], on_paper=data["on_paper"], attachment_ids=papers
    ),
))  # fmt: skip
register(CaseAct(
    code="application.ask", title=_("Name what is missing"), icon="list-checks", form=forms.AskForm, kind="primary", kinds=KIND, may=rules.may_ask_correction,
    body=ApplicationAskIn, done=_("Told."), word=_("Named what is missing"), chip="open",
    lead=_("Everything at once: what could have been named now and is asked for later counts against your unit. The clock has not begun."),
    run=lambda by, at, case, data, papers: operations.ask_correction(by=by, at=at, case_id=case.pk, missing=data["missing"], text=data["text"]),
))  # fmt: skip
