"""The lists by which the town works: categories, responsibilities, procedures. Versions, never edits."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.utils import IntegrityError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as registry
from gongzhi.cases import procedure as procedures
from gongzhi.cases import procedure_check, queries, rules
from gongzhi.cases.facts import AmendmentDecided, CategoryDefined, ProcedureAdopted, ResponsibilityDefined, ViewDropped, ViewSaved
from gongzhi.cases.models import AmendmentProposal, Case, Category, Procedure, Responsibility, SavedView
from gongzhi.cases.models.catalogue import Life, Unit
from gongzhi.cases.operations import _steps
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record


class UnknownKindOfCase(Refused):
    sentence = _("There is no such kind of case: %(kind)s.")
    field = "kinds"


class BadDefinition(Refused):
    sentence = _("The definition cannot be used: %(faults)s")
    field = "definition"


class TwoLeads(Refused):
    sentence = _("Another unit already leads this matter in this area and time; end its line first.")
    field = "lead"


class TitleTaken(Refused):
    sentence = _("You have another view of this name.")
    field = "title"


class BadLife(Refused):
    sentence = _("Choose production, living or ecology.")
    field = "life"


class BadUnit(Refused):
    sentence = _("Choose in what the limit is counted.")
    field = "limit_unit"


class DecidedAlready(Refused):
    sentence = _("This proposal has been decided already.")


@operation
def define_category(
    *, by: Actor, at: datetime, code: str, name: str, life: str, parent_id: int | None = None, name_en: str = "", sort: str = "occurrence",
    severity: int = 1, limit: tuple[int, str] = (5, "working_days"), basis: str = "", keywords: str = "", description: str = "",
    description_en: str = "", for_public: bool = True, restricted: bool = False, kinds: Iterable[str] = (),
) -> Category:  # fmt: skip
    """Define a category, or correct the words and the limit of one with the same code (running cases keep their clocks).

    One that becomes restricted restricts the cases that are of it.
    """
    ensure(rules.may_define)
    if life not in Life.values:
        raise BadLife
    if limit[1] not in Unit.values or limit[0] < 1:
        raise BadUnit
    named = list(dict.fromkeys(kinds))
    unknown = [code for code in named if code not in {kind.code for kind in registry.kinds()}]
    if unknown:
        raise UnknownKindOfCase(kind="、".join(unknown))
    category, _made = Category.objects.update_or_create(
        town_id=_steps.town_id(), code=_steps.required(code, "code"),
        defaults={
            "name": _steps.required(name, "name"), "name_en": name_en, "life": life, "parent_id": parent_id, "sort": sort, "severity": severity,
            "limit_amount": limit[0], "limit_unit": limit[1], "basis": basis, "keywords": keywords, "description": description,
            "description_en": description_en, "for_public": for_public, "restricted": restricted, "kinds": named,
        },
        create_defaults={
            "name": name, "name_en": name_en, "life": life, "parent_id": parent_id, "sort": sort, "severity": severity,
            "limit_amount": limit[0], "limit_unit": limit[1], "basis": basis, "keywords": keywords, "description": description,
            "description_en": description_en, "for_public": for_public, "restricted": restricted, "kinds": named,
            "valid_from": territory.day_of(seen_by=ANYONE, at=at),
        },
    )  # fmt: skip
    forget("cases.categories")
    if restricted and not _made:
        _steps.restrict(Case.objects.filter(category=category), at)
    record(CategoryDefined(subject=ref(category), code=category.code))
    return category


@operation
def define_responsibility(
    *, by: Actor, at: datetime, clause: str, category_id: int, lead_id: int, starts_on: date, area_id: int | None = None,
    co_handlers: Iterable[int] = (), limit: tuple[int, str] | None = None, basis: str = "", ends_on: date | None = None,
    replaces_id: int | None = None,
) -> Responsibility:  # fmt: skip
    """Write a line of the responsibility list. With `replaces_id` the former line ends where this one begins.

    Exactly one organ leads a category in an area at any time: the database refuses an overlap (TwoLeads).
    """
    ensure(rules.may_define)
    version = 1
    if replaces_id is not None:
        former = Responsibility.objects.select_for_update().get(pk=replaces_id)
        former.validity = DateRange(former.validity.lower, max(starts_on, former.validity.lower))
        former.save(update_fields=["validity"])
        version = former.version + 1
    if limit is not None and (limit[1] not in Unit.values or limit[0] < 1):
        raise BadUnit
    try:
        with transaction.atomic():
            line = Responsibility.objects.create(
                town_id=_steps.town_id(), clause=_steps.required(clause, "clause"), category_id=category_id, area_id=area_id, lead_id=lead_id,
                co_handlers=list(co_handlers), limit_amount=limit[0] if limit else None, limit_unit=limit[1] if limit else "", basis=basis,
                version=version, validity=DateRange(starts_on, ends_on),
            )  # fmt: skip
    except IntegrityError as error:
        if "one_lead_per_matter" in str(error):
            raise TwoLeads from error
        raise
    forget("cases.responsibilities")
    code = Category.objects.values_list("code", flat=True).get(pk=category_id)
    record(ResponsibilityDefined(subject=ref(line), clause=clause, category=code, lead_id=lead_id, version=version))
    return line


@operation
def end_responsibility(*, by: Actor, at: datetime, responsibility_id: int, ends_on: date) -> Responsibility:
    """End a line of the list; cases opened under it keep it."""
    ensure(rules.may_define)
    line = Responsibility.objects.select_for_update().select_related("category").get(pk=responsibility_id)
    line.validity = DateRange(line.validity.lower, max(ends_on, line.validity.lower))
    line.save(update_fields=["validity"])
    forget("cases.responsibilities")
    record(ResponsibilityDefined(subject=ref(line), clause=line.clause, category=line.category.code, lead_id=line.lead_id, version=line.version))
    return line


@operation
def adopt_procedure(
    *, by: Actor, at: datetime, kind: str, definition: dict[str, Any], reason: str, effective_from: datetime | None = None, variant: str = "",
) -> Procedure:  # fmt: skip
    """Adopt a new version of a kind's procedure after checking it; running cases stay on theirs.

    `variant`: of a kind whose cases go different ways, the one that this is the procedure of; its versions count for themselves.
    """
    ensure(rules.may_define)
    try:
        parsed = procedures.parse(definition)
        known = registry.kind_of(kind)
        procedure_check.check(parsed, verify=known.verify, has_limit=known.has_limit)
        unknown = queries.unknown_in_procedure(seen_by=ANYONE, definition=parsed)
        if unknown:
            raise procedures.BadProcedure(unknown)
    except procedures.BadProcedure as error:
        raise BadDefinition(faults="; ".join(error.faults)) from error
    last = Procedure.objects.select_for_update().filter(kind=kind, variant=variant).order_by("-version").first()
    adopted = Procedure.objects.create(
        town_id=_steps.town_id(), kind=kind, variant=variant, version=last.version + 1 if last else 1, definition=definition,
        reason=_steps.required(reason, "reason")[:300], effective_from=effective_from or at, made_at=at,
    )  # fmt: skip
    forget(f"cases.procedure:{kind}")
    record(ProcedureAdopted(subject=ref(adopted), kind_of_case=kind, version=adopted.version))
    return adopted


@operation
def decide_amendment(*, by: Actor, at: datetime, proposal_id: int, adopted: bool, clause: str = "") -> AmendmentProposal:
    """Decide on a proposal to amend the list; adopting it writes the new line from today."""
    proposal = AmendmentProposal.objects.select_for_update(of=("self",)).select_related("present").get(pk=proposal_id)
    ensure(rules.may_define)
    if proposal.state != AmendmentProposal.State.OPEN:
        raise DecidedAlready(proposal)
    proposal.state = AmendmentProposal.State.ADOPTED if adopted else AmendmentProposal.State.DECLINED
    proposal.decided_at = at
    proposal.save()
    if adopted:
        present = proposal.present
        limit = (present.limit_amount, present.limit_unit) if present and present.limit_amount else None
        define_responsibility(
            by=by, at=at, clause=clause or (present.clause if present else f"R-{proposal.pk}"), category_id=proposal.category_id,
            lead_id=proposal.proposed_lead_id, starts_on=territory.day_of(seen_by=ANYONE, at=at), area_id=present.area_id if present else proposal.area_id,
            co_handlers=present.co_handlers if present else (), limit=limit, basis=present.basis if present else "",
            replaces_id=present.pk if present else None,
        )  # fmt: skip
    record(AmendmentDecided(subject=ref(proposal), adopted=adopted))
    return proposal


@operation
def save_view(*, by: Actor, at: datetime, title: str, query: str) -> SavedView:
    """Keep a list's filters under a title; the same title is replaced."""
    ensure(rules.may_save_view)
    assert by.person_id is not None  # the rule asked
    title = _steps.required(title, "title")[:30]
    view, _made = SavedView.objects.update_or_create(
        town_id=_steps.town_id(), person_id=by.person_id, title=title, defaults={"query": query[:400]}
    )
    record(ViewSaved(subject=ref(view), public=False))
    return view


@operation
def change_view(*, by: Actor, at: datetime, view_id: int, title: str, query: str | None = None) -> SavedView:
    """Give a view that one keeps another title, and where they are named other filters."""
    view = SavedView.objects.select_for_update().get(pk=view_id, person_id=by.person_id or 0)
    ensure(rules.may_save_view)
    title = _steps.required(title, "title")[:30]
    if SavedView.objects.filter(person_id=view.person_id, title=title).exclude(pk=view.pk).exists():
        raise TitleTaken
    view.title = title
    view.query = view.query if query is None else query[:400]
    view.save(update_fields=["title", "query"])
    record(ViewSaved(subject=ref(view), public=False))
    return view


@operation
def drop_view(*, by: Actor, at: datetime, view_id: int) -> None:
    """Keep a view no more."""
    view = SavedView.objects.select_for_update().get(pk=view_id, person_id=by.person_id or 0)
    ensure(rules.may_save_view)
    record(ViewDropped(subject=ref(view), public=False))
    view.delete()
