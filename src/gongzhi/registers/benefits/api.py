"""Benefits for programs: what the town gives, what somebody would get, drafts, payment, reach."""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from gongzhi.foundation.criteria import judging, language
from gongzhi.foundation.criteria import queries as criteria
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import actor_of, admit, problem
from gongzhi.registers.benefits import matching, operations, queries, rules
from gongzhi.registers.book import money

router = Router(tags=["benefits"])
State = Literal["entitled", "nearly", "beside", "not"]


class BenefitOut(Schema):
    """A benefit as it holds on a day."""

    code: str
    title: str
    subject: str
    version: int
    source: str
    clause: str
    way: str
    amount: str = Field(description="in words, in the reader's language")
    starts_on: date
    ends_on: date | None
    conditions: list[str]
    definition: dict[str, Any]


class BenefitClauseOut(Schema):
    """What became of one condition."""

    words: str
    answer: Literal["yes", "no", "unknown"]
    value: str
    missing: list[str]


class BenefitFoundOut(Schema):
    """A benefit for one firm or resident: entitled, nearly (with what is missing), beside another, or not."""

    benefit: str
    title: str
    state: State
    yuan: Decimal
    clauses: list[BenefitClauseOut]
    is_paid: bool = False
    is_asked: bool = False


class BenefitCalculatorIn(Schema):
    """What is held of one, by codes of the fields of criteria; what is left out is not known. Nothing of it is kept."""

    values: dict[str, Any] = {}
    confirmed: dict[str, bool] = {}


class BenefitDraftIn(Schema):
    """A benefit as data: see its format in the documentation of `./gongzhi match`."""

    definition: dict[str, Any]


class BenefitDraftOut(Schema):
    """A draft or version."""

    code: str
    version: int
    definition: dict[str, Any]


class BenefitTrialOut(Schema):
    """Whom a draft meets and what it costs in a period."""

    total: int
    entitled: int
    nearly: int
    beside: int
    yuan: Decimal
    over_budget: bool
    by_size: list[tuple[str, int, int]]
    misses: list[tuple[str, int]]
    faults: int


class BenefitPayIn(Schema):
    """What the caller saw and approves."""

    count: int
    yuan: Decimal


class BenefitBatchOut(Schema):
    """A payment."""

    benefit: str
    period: str
    count: int
    yuan: Decimal
    posting: int


class BenefitDueOut(Schema):
    """What is to be paid."""

    benefit: str
    period: str
    count: int
    yuan: Decimal
    left: Decimal | None = Field(description="what the budget has left, if there is one")


class BenefitReachOut(Schema):
    """Of one class of size: how many there are, are entitled, were told, asked, were paid."""

    size: str
    total: int
    entitled: int
    told: int
    asked: int
    paid: int


class BenefitAskIn(Schema):
    """A quick request."""

    subject_id: int
    confirmed: dict[str, bool] = {}


def _clauses(reasons: Any) -> list[dict[str, Any]]:
    return [{"words": one.words, "answer": one.word, "value": one.held, "missing": list(one.missing)} for one in reasons]


@router.get("/benefits", response=list[BenefitOut], summary="What the town gives")
def list_benefits(request: HttpRequest, on: date | None = None) -> Any:
    """Return the benefits that hold on a day (today)."""
    actor = actor_of(request)
    day, known = on or queries.today(seen_by=actor, at=timezone.now()), criteria.parameters(seen_by=actor)
    held = queries.readable(seen_by=actor, versions=queries.in_force(seen_by=actor, on=day), parameters=known)
    return [
        {"code": terms.code, "title": terms.title, "subject": terms.subject, "version": version.number, "source": terms.source, "clause": terms.clause,
         "way": terms.way, "amount": terms.amount_words, "starts_on": terms.starts_on, "ends_on": terms.ends_on,
         "conditions": [language.words(one, known, day) for one in terms.conditions], "definition": version.definition}
        for version, terms in held
    ]  # fmt: skip


@router.post("/benefits/calculate/{subject}", response={200: list[BenefitFoundOut], 404: Problem, 422: Problem}, summary="What somebody would get")
def calculate(request: HttpRequest, subject: Literal["firm", "resident"], given: BenefitCalculatorIn) -> Any:
    """Say of each benefit whether these values are entitled to it, nearly or not, and why; nothing of them is kept."""
    actor = actor_of(request)
    about = registry.subject(subject)
    assert about is not None
    strange = sorted(set(given.values) - {one.code for one in about.fields})
    faults = {f"values.{name[:40]}": _("There is no such field.") for name in strange} | {
        f"values.{name}": words for name, words in judging.faults_of(about, given.values).items()
    }
    if faults:
        errors = [{"field": name, "detail": words} for name, words in faults.items()]
        return problem(422, _("Some of what was sent cannot be used."), field=errors[0]["field"], code="Invalid", errors=errors)
    on, known = queries.today(seen_by=actor, at=timezone.now()), criteria.parameters(seen_by=actor)
    held = queries.readable(seen_by=actor, versions=queries.in_force(seen_by=actor, on=on, subject=subject), parameters=known)
    made = matching.one_row([terms for _version, terms in held], given.values, on=on, parameters=known, confirmed=given.confirmed)
    return [
        {"benefit": terms.code, "title": terms.title, "state": matching.WORDS[int(made.states[place, 0])], "yuan": money.yuan(int(made.cents[place, 0])),
         "clauses": _clauses(judging.judge(one, given.values, on=on, parameters=known, confirmed=given.confirmed) for one in terms.conditions)}
        for place, (_version, terms) in enumerate(held)
    ]  # fmt: skip


@router.get("/benefits/of/{subject}/{int:subject_id}", response={200: list[BenefitFoundOut], 404: Problem}, summary="What is found for one")
@needs("registers:read")
def found(request: HttpRequest, subject: Literal["firm", "resident"], subject_id: int) -> Any:
    """Return every benefit that holds for a firm or resident whom the caller may see, with every condition and its value."""
    actor = actor_of(request)
    on = queries.today(seen_by=actor, at=timezone.now())
    return [
        {"benefit": one.terms.code, "title": one.terms.title, "state": one.state, "yuan": one.yuan, "clauses": _clauses(one.conditions),
         "is_paid": one.paid is not None, "is_asked": one.is_asked}
        for one in queries.found_of(seen_by=actor, subject=subject, subject_id=subject_id, on=on)
    ]  # fmt: skip


@router.put("/benefits/draft", response={200: BenefitDraftOut, 403: Problem, 409: Problem, 422: Problem}, summary="Write a draft")
def write_draft(request: HttpRequest, given: BenefitDraftIn) -> Any:
    """Write the draft of the benefit whose code the definition names; every fault of it is told with its place."""
    actor = actor_of(request)
    admit(rules.may_draft_benefits, actor)
    made = operations.draft_benefit(by=actor, at=timezone.now(), definition=given.definition)
    return {"code": made.benefit.code, "version": made.number, "definition": made.definition}


@router.post("/benefits/{slug:code}/draft/try", response={200: BenefitTrialOut, 403: Problem, 404: Problem, 409: Problem}, summary="Try a draft")
def try_draft(request: HttpRequest, code: str) -> Any:
    """Judge everybody in the register by the draft: how many, how much money, who just misses."""
    actor = actor_of(request)
    admit(rules.may_draft_benefits, actor)
    made = operations.try_benefit(by=actor, at=timezone.now(), code=code)
    return {
        "total": made.total, "entitled": made.entitled, "nearly": made.nearly, "beside": made.beside, "yuan": made.yuan, "over_budget": made.is_over,
        "by_size": made.by_size, "misses": made.misses, "faults": made.faults,
    }  # fmt: skip


@router.post("/benefits/{slug:code}/draft/adopt", response={200: BenefitDraftOut, 403: Problem, 404: Problem, 409: Problem}, summary="Adopt a draft")
def adopt(request: HttpRequest, code: str) -> Any:
    """Make the draft the version by which the town gives from its first day on."""
    actor = actor_of(request)
    admit(rules.may_adopt_benefits, actor)
    made = operations.adopt_benefit(by=actor, at=timezone.now(), code=code)
    return {"code": code, "version": made.number, "definition": made.definition}


@router.get("/benefits/{slug:code}/due", response={200: BenefitDueOut, 403: Problem, 404: Problem}, summary="What is to be paid")
def due(request: HttpRequest, code: str) -> Any:
    """Return how many are entitled and not paid yet, and what that comes to."""
    actor = actor_of(request)
    admit(rules.may_see_all_found, actor)
    on = queries.today(seen_by=actor, at=timezone.now())
    version = queries.version_on(seen_by=actor, benefit=queries.benefit_for(seen_by=actor, code=code), on=on)
    if version is None:
        return problem(404, _("It does not hold on this day."), code="NotInForce")
    found = queries.payable(seen_by=actor, version=version, on=on)
    return {"benefit": code, "period": found.period, "count": found.count, "yuan": found.yuan, "left": found.left}


@router.post("/benefits/{slug:code}/pay", response={201: BenefitBatchOut, 403: Problem, 404: Problem, 409: Problem}, summary="Approve a payment")
def pay(request: HttpRequest, code: str, given: BenefitPayIn) -> Any:
    """Pay everybody who is entitled and not paid yet, if it is what the caller saw; once, within the budget, posted to the book."""
    actor = actor_of(request)
    admit(rules.may_pay_benefits, actor)
    made = operations.pay_benefits(by=actor, at=timezone.now(), code=code, count=given.count, yuan=given.yuan)
    return Status(201, {"benefit": code, "period": made.period, "count": made.count, "yuan": made.yuan, "posting": made.posting})


@router.get("/benefits/{slug:code}/coverage", response={200: list[BenefitReachOut], 403: Problem, 404: Problem}, summary="Whom it reaches")
def coverage(request: HttpRequest, code: str) -> Any:
    """Return by size of firm: entitled, told, asked, paid in the period that runs."""
    actor = actor_of(request)
    admit(rules.may_see_all_found, actor)
    one = queries.benefit_for(seen_by=actor, code=code)
    on = queries.today(seen_by=actor, at=timezone.now())
    version = queries.version_on(seen_by=actor, benefit=one, on=on)
    period = queries.terms_of(seen_by=actor, version=version).period_of(on) if version else ""
    return queries.coverage(seen_by=actor, benefit=one, period=period)


@router.post("/benefits/{slug:code}/ask", response={201: BenefitFoundOut, 403: Problem, 404: Problem, 409: Problem}, summary="Ask for a benefit")
def ask(request: HttpRequest, code: str, given: BenefitAskIn) -> Any:
    """Ask for a benefit for the firm that the caller serves or for themselves."""
    actor, at = actor_of(request), timezone.now()
    asked = operations.ask_benefit(by=actor, at=at, code=code, subject_id=given.subject_id, confirmed=given.confirmed)
    on = queries.today(seen_by=actor, at=at)
    one = next(one for one in queries.found_of(seen_by=actor, subject=asked.subject, subject_id=asked.subject_id, on=on) if one.terms.code == code)
    return Status(201, {
        "benefit": code, "title": one.terms.title, "state": one.state, "yuan": one.yuan, "clauses": _clauses(one.conditions), "is_paid": False,
        "is_asked": True,
    })  # fmt: skip
