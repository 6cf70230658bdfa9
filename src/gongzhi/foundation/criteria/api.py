"""Criteria for programs: what the town decides by, one judged, a draft written."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from gongzhi.foundation.criteria import judging, language, operations, queries, rules
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, admit, problem

router = Router(tags=["criteria"])


class SubjectFieldOut(Schema):
    """A typed field of a subject."""

    code: str
    title: str
    sort: str
    unit: str
    choices: dict[str, str]
    fields: list[str] = Field(description="codes of the fields of the records of a list")
    withdrawn: date | None


class SubjectOut(Schema):
    """Of whom or what criteria speak."""

    code: str
    title: str
    fields: list[SubjectFieldOut]


class CriterionOut(Schema):
    """A criterion as it stands on a day."""

    code: str
    title: str
    subject: str
    version: int
    valid_from: date
    source: str
    clause: str
    definition: dict[str, Any]


class CriterionIn(Schema):
    """A criterion to begin."""

    title: str = Field(min_length=1, max_length=80)
    subject: str = Field(max_length=40)
    source: str = Field(min_length=1, max_length=200)
    clause: str = Field("", max_length=60)


class DraftIn(Schema):
    """The conditions of a draft."""

    definition: dict[str, Any]
    source: str | None = Field(None, max_length=200)
    clause: str | None = Field(None, max_length=60)


class DraftOut(Schema):
    """A draft."""

    code: str
    version: int
    source: str
    clause: str
    definition: dict[str, Any]


class CriterionTrialOut(Schema):
    """Whom a draft meets; counts only."""

    yes: int
    no: int
    unknown: int
    made: bool = Field(description="on made samples, since no register brings rows")
    faults: int = Field(description="values that do not fit their field")
    missing: list[tuple[str, int]] = Field(description="what is not known, and of how many")


class AdoptionIn(Schema):
    """From when it holds."""

    valid_from: date


class JudgedIn(Schema):
    """What is held of one, by the codes of the fields; what is left out is not known."""

    values: dict[str, Any] = {}
    confirmed: dict[str, bool] = {}
    on: date | None = None


class ReasonOut(Schema):
    """What became of one condition, in the reader's language."""

    words: str
    answer: Literal["yes", "no", "unknown"]
    held: str
    missing: list[str]
    parts: list["ReasonOut"]


class CriterionValueIn(Schema):
    """A value that holds from a day on."""

    value: Annotated[Decimal, Field(max_digits=17, decimal_places=4)] | None = Field(description="null: it holds no more")
    valid_from: date
    source: str = Field(min_length=1, max_length=200)
    clause: str = Field("", max_length=60)
    title: str = Field("", max_length=80, description="needed for a new one")
    unit: str | None = Field(None, max_length=20, description="needed for a new one, such as CNY/month")


class CriterionValueOut(Schema):
    """A value and from when it holds."""

    valid_from: date
    value: float | None
    source: str
    clause: str


class ParameterOut(Schema):
    """A value that changes with time."""

    code: str
    title: str
    unit: str
    values: list[CriterionValueOut]


def _version(found: Any) -> dict[str, Any]:
    return {
        "code": found.criterion.code, "title": found.criterion.title, "subject": found.criterion.subject, "version": found.number,
        "valid_from": found.valid_from,
        "source": found.source, "clause": found.clause, "definition": found.definition,
    }  # fmt: skip


def _reason(reason: judging.Reason) -> dict[str, Any]:
    return {"words": reason.words, "answer": reason.word, "held": reason.held, "missing": list(reason.missing), "parts": [_reason(one) for one in reason.parts]}


@router.get("/criteria/subjects", response=list[SubjectOut], summary="Of whom or what criteria speak")
def list_subjects(request: HttpRequest) -> Any:
    """Return the subjects with their typed fields."""
    return [
        {"code": one.code, "title": str(one.title), "fields": [
            {"code": part.code, "title": str(part.title), "sort": part.sort.value, "unit": part.unit,
                "choices": {code: str(word) for code, word in part.choices.items()}, "fields": [below.code for below in part.fields],
                "withdrawn": part.withdrawn}
            for part in one.fields]}
        for one in registry.subjects()
    ]  # fmt: skip


@router.get("/criteria", response=list[CriterionOut], summary="What the town decides by")
def list_criteria(request: HttpRequest, on: date | None = None) -> Any:
    """Return the criteria that hold on a day (today)."""
    actor = actor_of(request)
    day = on or territory.day_of(seen_by=actor, at=timezone.now())
    held = [queries.version_on(seen_by=actor, criterion=one, on=day) for one in queries.criteria(seen_by=actor)]
    return [_version(one) for one in held if one is not None]


@router.get("/criteria/values", response=list[ParameterOut], summary="Values that change with time")
def list_values(request: HttpRequest) -> Any:
    """Return the parameters with all their values."""
    actor = actor_of(request)
    return [
        {"code": one.code, "title": one.title, "unit": one.unit, "values": sorted(
            ({"valid_from": row.valid_from, "value": row.value, "source": row.source, "clause": row.clause} for row in one.values.all()),
            key=lambda row: row["valid_from"])}
        for one in queries.parameter_list(seen_by=actor)
    ]  # fmt: skip


@router.put("/criteria/values/{slug:code}", response={200: CriterionValueOut, 409: Problem}, summary="Set a value from a day on")
@needs("town:write")
def set_value(request: HttpRequest, code: str, given: CriterionValueIn) -> Any:
    """Set the value of a parameter from a day on."""
    return operations.set_parameter(by=actor_of(request), at=timezone.now(), code=code, **given.model_dump())


@router.post("/criteria/{slug:code}/judge", response={200: ReasonOut, 404: Problem, 422: Problem}, summary="Judge one")
@needs("town:read")
def judge_one(request: HttpRequest, code: str, given: JudgedIn) -> Any:
    """Say whether the values meet the criterion, and why; nothing of them is kept."""
    actor = actor_of(request)
    on = given.on or territory.day_of(seen_by=actor, at=timezone.now())
    criterion = queries.criterion_for(seen_by=actor, code=code)
    version = queries.version_on(seen_by=actor, criterion=criterion, on=on)
    if version is None:
        return problem(404, _("It does not hold on this day."), code="NotInForce")
    subject = registry.subject(criterion.subject)
    known = {one.code for one in subject.fields} if subject else set()
    strange = sorted(set(given.values) - known)
    faults = judging.faults_of(subject, given.values) if subject else {}
    if strange or faults:
        errors = [{"field": f"values.{name}", "detail": _("There is no such field.")} for name in strange]
        errors += [{"field": f"values.{name}", "detail": words} for name, words in faults.items()]
        return problem(422, _("Some of what was sent cannot be used."), field=errors[0]["field"], code="Invalid", errors=errors)
    try:
        return _reason(queries.judge(seen_by=actor, version=version, values=given.values, confirmed=given.confirmed, on=on))
    except language.BadCriterion as bad:
        return problem(409, _("The criterion can no longer be judged."), code="Unreadable", detail="; ".join(bad.faults))


@router.post("/criteria/{slug:code}", response={201: DraftOut, 409: Problem}, summary="Begin a criterion")
@needs("town:write")
def begin(request: HttpRequest, code: str, given: CriterionIn) -> Any:
    """Begin a criterion with an empty draft."""
    actor, at = actor_of(request), timezone.now()
    made = operations.define_criterion(by=actor, at=at, code=code, **given.model_dump())
    return Status(201, _draft(queries.draft_of(seen_by=actor, criterion=made)))


def _draft(found: Any) -> dict[str, Any]:
    return {"code": found.criterion.code, "version": found.number, "source": found.source, "clause": found.clause, "definition": found.definition}


@router.put("/criteria/{slug:code}/draft", response={200: DraftOut, 404: Problem, 409: Problem}, summary="Write a draft")
@needs("town:write")
def write_draft(request: HttpRequest, code: str, given: DraftIn) -> Any:
    """Replace the conditions of the draft; every fault of them is told with its place."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    found = queries.criterion_for(seen_by=actor, code=code)
    return _draft(operations.draft_criterion(by=actor, at=at, criterion_id=found.pk, **given.model_dump()))


@router.post("/criteria/{slug:code}/draft/try", response={200: CriterionTrialOut, 404: Problem, 409: Problem}, summary="Try a draft")
@needs("town:write")
def try_draft(request: HttpRequest, code: str) -> Any:
    """Judge everybody in the register by the draft; only how many are kept and told."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_draft, actor)
    return operations.try_criterion(by=actor, at=at, criterion_id=queries.criterion_for(seen_by=actor, code=code).pk)


@router.post("/criteria/{slug:code}/draft/adopt", response={200: CriterionOut, 404: Problem, 409: Problem}, summary="Adopt a draft")
@needs("town:write")
def adopt_draft(request: HttpRequest, code: str, given: AdoptionIn) -> Any:
    """Make the draft the version by which the town decides from a day on."""
    actor, at = actor_of(request), timezone.now()
    admit(rules.may_adopt, actor)
    return _version(operations.adopt_criterion(by=actor, at=at, criterion_id=queries.criterion_for(seen_by=actor, code=code).pk, valid_from=given.valid_from))
