"""The lists by which cases go, over HTTP: categories, responsibilities, procedures, kinds; read and changed."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Field, Schema, Status
from pydantic import AwareDatetime

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations, queries, rules
from gongzhi.cases.api.shapes import LifeCode, UnitCode, asker, router
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.api import Problem, needs
from gongzhi.kernel.web import admit, problem

if TYPE_CHECKING:
    from gongzhi.cases.models import Category, Responsibility


class CategoryOut(Schema):
    code: str
    name: str
    name_en: str
    parent: str | None
    life: str
    sort: str
    severity: int
    limit_amount: int
    limit_unit: str
    basis: str
    for_public: bool
    description: str


class ResponsibilityOut(Schema):
    id: int
    clause: str
    version: int
    category: str
    area: str | None
    lead: str
    lead_name: str
    limit_amount: int
    limit_unit: str
    basis: str
    starts_on: date
    ends_on: date | None


class ProcedureOut(Schema):
    kind: str
    version: int
    effective_from: datetime
    reason: str
    definition: dict[str, Any]


class KindOut(Schema):
    code: str
    title: str
    line: str
    verify: str
    rated: bool


# ---- read --------------------------------------------------------------------------------------------------------------
def _category(category: "Category") -> dict[str, Any]:
    is_english = (get_language() or "").startswith("en")
    return {
        "code": category.code, "name": category.name, "name_en": category.name_en, "parent": category.parent.code if category.parent else None,
        "life": category.life,
        "sort": category.sort, "severity": category.severity, "limit_amount": category.limit_amount, "limit_unit": category.limit_unit, "basis": category.basis,
        "for_public": category.for_public, "description": (category.description_en if is_english else "") or category.description,
    }  # fmt: skip


@router.get("/categories", response=list[CategoryOut], summary="What one may ask for", tags=["lists"])
def list_categories(request: HttpRequest, on: date | None = None, for_public: bool | None = None) -> Any:
    """Return the categories that are valid on a day (today)."""
    actor, at = asker(request)
    return [_category(one) for one in queries.categories(seen_by=actor, on=on or timezone.localtime(at).date(), for_public=for_public)]


def _line(line: "Responsibility") -> dict[str, Any]:
    own = bool(line.limit_amount)
    return {
        "id": line.pk, "clause": line.clause, "version": line.version, "category": line.category.code, "area": line.area.code if line.area else None,
        "lead": line.lead.code,
        "lead_name": str(line.lead), "limit_amount": line.limit_amount if own else line.category.limit_amount,
        "limit_unit": line.limit_unit if own else line.category.limit_unit, "basis": line.basis or line.category.basis, "starts_on": line.validity.lower,
        "ends_on": line.validity.upper,
    }  # fmt: skip


@router.get("/responsibilities", response=list[ResponsibilityOut], summary="The responsibility list", tags=["lists"])
def list_responsibilities(request: HttpRequest, on: date | None = None) -> Any:
    """Return the responsibility list of a day (today)."""
    actor, at = asker(request)
    return [_line(line) for line in queries.responsibilities(seen_by=actor, on=on or timezone.localtime(at).date())]


@router.get("/procedures", response=list[ProcedureOut], summary="How each kind goes", tags=["lists"])
def list_procedures(request: HttpRequest, kind: str = "", every_version: bool = False) -> Any:
    """Return the procedure in force of each kind, or every version of them."""
    actor, at = asker(request)
    found = []
    for one in kinds.kinds():
        versions = queries.procedure_versions(seen_by=actor, kind=one.code)
        if (kind and one.code != kind) or not versions.exists():
            continue
        shown = list(versions) if every_version else [queries.procedure_in_force(seen_by=actor, kind=one.code, at=at)]
        found += [{"kind": p.kind, "version": p.version, "effective_from": p.effective_from, "reason": p.reason, "definition": p.definition} for p in shown]
    return found


@router.get("/kinds", response=list[KindOut], summary="Kinds of cases", tags=["lists"])
def list_kinds(request: HttpRequest) -> Any:
    """Return the kinds of cases that this installation knows."""
    return [{"code": kind.code, "title": str(kind.title), "line": kind.line, "verify": kind.verify, "rated": kind.rated} for kind in kinds.kinds()]


# ---- changed -----------------------------------------------------------------------------------------------------------
class CategoryIn(Schema):
    """What is defined of a category. A PUT replaces all of it; running cases keep their clocks."""

    name: str = Field(min_length=1, max_length=60)
    name_en: str = Field("", max_length=120)
    life: LifeCode
    parent: str = Field("", max_length=20, description="code of the main class it belongs to")
    sort: Literal["component", "occurrence"] = "occurrence"
    severity: int = Field(1, ge=1, le=4)
    limit_amount: int = Field(5, ge=1, le=3_650)
    limit_unit: UnitCode = "working_days"
    basis: str = Field("", max_length=200)
    keywords: str = Field("", max_length=400)
    description: str = Field("", max_length=400)
    description_en: str = Field("", max_length=400)
    for_public: bool = True
    restricted: bool = False


@router.put("/categories/{code}", response={200: CategoryOut, 403: Problem, 409: Problem, 422: Problem}, summary="Define a category", tags=["lists"])
@needs("cases:write")
def put_category(request: HttpRequest, code: Annotated[str, Field(pattern=r"^[-A-Za-z0-9_.]{1,20}$")], given: CategoryIn) -> Any:
    """Define a category, or replace what is defined of the one with this code."""
    actor, at = asker(request)
    admit(rules.may_define, actor)
    above = queries.category_by_code(seen_by=actor, code=given.parent) if given.parent else None
    if given.parent and (above is None or given.parent == code):
        return problem(422, _("There is no category with this code."), field="parent")
    fields = given.model_dump(exclude={"parent", "limit_amount", "limit_unit"})
    return _category(
        operations.define_category(by=actor, at=at, code=code, parent_id=above.pk if above else None, limit=(given.limit_amount, given.limit_unit), **fields)
    )


class ResponsibilityIn(Schema):
    """A line of the responsibility list; organs, areas and categories by their codes."""

    clause: str = Field(min_length=1, max_length=40)
    category: str = Field(max_length=20)
    area: str = Field("", max_length=40, description="left out: the whole town")
    lead: str = Field(max_length=40)
    co_handlers: Annotated[list[str], Field(max_length=20)] = []
    limit_amount: int | None = Field(None, ge=1, le=3_650, description="left out: that of the category")
    limit_unit: UnitCode = "working_days"
    basis: str = Field("", max_length=200)
    starts_on: date
    ends_on: date | None = Field(None, description="first day on which it holds no more")
    replaces: int | None = Field(None, ge=1, le=2**62, description="the line that ends where this one begins")


class ResponsibilityEnd(Schema):
    """When a line ends."""

    ends_on: date = Field(description="first day on which it holds no more")


@router.post(
    "/responsibilities", response={201: ResponsibilityOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}, summary="Write a line of the list",
    tags=["lists"],
)  # fmt: skip
@needs("cases:write")
def new_responsibility(request: HttpRequest, given: ResponsibilityIn) -> Any:
    """Write a line of the responsibility list, or replace one; two leads for one matter at one time are refused."""
    actor, at = asker(request)
    admit(rules.may_define, actor)
    if given.replaces is not None:
        queries.responsibility_for(seen_by=actor, responsibility_id=given.replaces)
    if given.ends_on is not None and given.ends_on <= given.starts_on:
        return problem(422, _("It ends after the day on which it begins."), field="ends_on")
    category = queries.category_by_code(seen_by=actor, code=given.category)
    area = territory.area_by_code(seen_by=actor, code=given.area) if given.area else None
    units = {code: organs.organ_by_code(seen_by=actor, code=code) for code in (given.lead, *given.co_handlers)}
    if category is None:
        return problem(422, _("There is no category with this code."), field="category")
    if given.area and area is None:
        return problem(422, _("There is no such area."), field="area")
    for code, unit in units.items():
        if unit is None:
            return problem(422, _("There is no organ with this code."), field="lead" if code == given.lead else "co_handlers")
    ids = {code: unit.pk for code, unit in units.items() if unit is not None}
    line = operations.define_responsibility(
        by=actor, at=at, clause=given.clause, category_id=category.pk, lead_id=ids[given.lead], starts_on=given.starts_on, ends_on=given.ends_on,
        area_id=area.pk if area else None, co_handlers=[ids[code] for code in given.co_handlers], basis=given.basis, replaces_id=given.replaces,
        limit=(given.limit_amount, given.limit_unit) if given.limit_amount else None,
    )  # fmt: skip
    return Status(201, _line(queries.responsibility_for(seen_by=actor, responsibility_id=line.pk)))


@router.post(
    "/responsibilities/{line_id}/end", response={200: ResponsibilityOut, 403: Problem, 404: Problem, 422: Problem}, summary="End a line of the list",
    tags=["lists"],
)  # fmt: skip
@needs("cases:write")
def end_responsibility(request: HttpRequest, line_id: Annotated[int, Field(ge=1, le=2**62)], given: ResponsibilityEnd) -> Any:
    """Let a line hold no more from a day on; cases opened under it keep it."""
    actor, at = asker(request)
    admit(rules.may_define, actor)
    queries.responsibility_for(seen_by=actor, responsibility_id=line_id)
    operations.end_responsibility(by=actor, at=at, responsibility_id=line_id, ends_on=given.ends_on)
    return _line(queries.responsibility_for(seen_by=actor, responsibility_id=line_id))


class ProcedureIn(Schema):
    """A new version of a kind's procedure."""

    definition: dict[str, Any] = Field(description="stages as GET /procedures gives them")
    reason: str = Field(min_length=1, max_length=300)
    effective_from: AwareDatetime | None = None


@router.post(
    "/procedures/{kind}", response={201: ProcedureOut, 403: Problem, 404: Problem, 409: Problem, 422: Problem}, summary="Adopt a procedure", tags=["lists"]
)
@needs("cases:write")
def new_procedure(request: HttpRequest, kind: str, given: ProcedureIn) -> Any:
    """Adopt a new version of a kind's procedure after it is checked; running cases stay on theirs."""
    actor, at = asker(request)
    admit(rules.may_define, actor)
    if kind not in {one.code for one in kinds.kinds()}:
        return problem(404, _("There is no kind of case with this code."))
    made = operations.adopt_procedure(by=actor, at=at, kind=kind, definition=given.definition, reason=given.reason, effective_from=given.effective_from)
    return Status(201, {name: getattr(made, name) for name in ("kind", "version", "effective_from", "reason", "definition")})
