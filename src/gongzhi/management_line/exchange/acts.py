"""The acts that the two kinds bring: answering a request field by field, answering a doubt."""

from datetime import date
from typing import Literal

from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema
from pydantic import ConfigDict

from gongzhi.cases.acts import CaseAct, register
from gongzhi.management_line.exchange import forms, operations, rules


class ExchangeActIn(Schema):
    """What every act takes: the version of the case on which it was decided."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=1, le=2**31 - 1, description="version of the case on which this was decided. Or If-Match")


class AnswerRequestIn(ExchangeActIn):
    """Which fields are granted until when; all others are not, for the reason."""

    granted: list[str] = []
    ends_on: date | None = None
    reason: str = Field("", max_length=300)


class AnswerCorrectionIn(ExchangeActIn):
    """The right value on its basis, or why it stands."""

    outcome: Literal["corrected", "upheld"]
    value: str = Field("", max_length=200)
    basis: str = Field("", max_length=200)
    reason: str = Field("", max_length=1000)


register(
    CaseAct(
        code="data_request.answer", title=_("Answer field by field"), icon="list-checks", form=forms.AnswerRequestForm, kind="primary", key="a",
        kinds=frozenset({"data_request"}), may=rules.may_answer, done=_("Answered; what is granted holds from its first day."), chip="done",
        word=_("Answered field by field"), body=AnswerRequestIn,
        lead=_("What you tick is granted to the unit that asked, for this purpose and these days. What you do not tick needs a reason."),
        run=lambda by, at, case, data, papers: operations.answer_request(
            by=by, at=at, case_id=case.pk, granted=data["granted"], reason=data["reason"], ends_on=data["ends_on"]
        ),
    )
)  # fmt: skip
register(
    CaseAct(
        code="correction.answer", title=_("Answer the doubt"), icon="check", form=forms.AnswerCorrectionForm, kind="primary", key="a",
        kinds=frozenset({"correction"}), may=rules.may_answer_correction, done=_("Answered; who was shown the wrong value is told."), chip="done",
        word=_("Doubt answered"), body=AnswerCorrectionIn,
        lead=_("Put right, the value changes at once, and every unit that was shown the wrong one is told."),
        run=lambda by, at, case, data, papers: operations.answer_correction(
            by=by, at=at, case_id=case.pk, value=data["value"] if data["outcome"] == "corrected" else None, basis=data["basis"], reason=data["reason"]
        ),
    )
)  # fmt: skip
