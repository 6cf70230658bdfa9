"""Acts on criteria: define, draft, try, adopt; set the values by which they decide."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.criteria import editing, language, queries, rules, units
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.facts import CriterionAdopted, CriterionDefined, CriterionDrafted, CriterionTried, ParameterSet
from gongzhi.foundation.criteria.models import Criterion, CriterionVersion, Parameter, ParameterValue
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town


class BadDefinition(Refused):
    sentence = _("The conditions cannot be used: %(faults)s")
    field = "definition"


class CodeTaken(Refused):
    sentence = _("Another criterion has this code already.")
    field = "code"


class BadCode(Refused):
    sentence = _("A code has small letters, digits and hyphens, at most 40.")
    field = "code"


class NoSubject(Refused):
    sentence = _("Choose of whom or what the criterion speaks.")
    field = "subject"


class NoTitle(Refused):
    sentence = _("Give it a name.")
    field = "title"


class NoSource(Refused):
    sentence = _("Name the document that it comes from.")
    field = "source"


class NothingDrafted(Refused):
    sentence = _("There is no draft of this criterion.")


class NotTried(Refused):
    sentence = _("Try it first as it stands now: whom it meets is known before it is adopted.")


class AsksNothing(Refused):
    sentence = _("It asks nothing yet, so everybody would meet it. Add a condition.")
    field = "definition"


class Backwards(Refused):
    sentence = _("It can hold from %(day)s on, not earlier: nobody was told of it before, and versions follow each other.")
    field = "valid_from"


class BadUnit(Refused):
    sentence = _("This unit is not known, or the parameter has another already.")
    field = "unit"


class BadAmount(Refused):
    sentence = _("A number with at most four decimals is needed.")
    field = "value"


def _code(code: str) -> str:
    if not (0 < len(code) <= 40 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()):
        raise BadCode
    return code


def _read(criterion: Criterion, definition: Any, by: Actor, on: date) -> language.Node:
    subject = registry.subject(criterion.subject)
    if subject is None:
        raise NoSubject
    try:
        return language.read(definition, subject, queries.parameters(seen_by=by), on=on)
    except language.BadCriterion as bad:
        raise BadDefinition(faults="; ".join(bad.faults[:8])) from bad


@operation
def define_criterion(*, by: Actor, at: datetime, code: str, title: str, subject: str, source: str, clause: str = "") -> Criterion:
    """Begin a criterion with an empty first draft."""
    ensure(rules.may_draft)
    if registry.subject(subject) is None:
        raise NoSubject
    if not title.strip():
        raise NoTitle
    if not source.strip():
        raise NoSource
    if Criterion.objects.filter(town_id=current_town(), code=_code(code)).exists():
        raise CodeTaken
    criterion = Criterion.objects.create(town_id=current_town(), code=code, title=title.strip()[:80], subject=subject)
    CriterionVersion.objects.create(
        town_id=current_town(), criterion=criterion, number=1, definition=editing.empty(), source=source.strip()[:200], clause=clause.strip()[:60], made_at=at
    )
    record(CriterionDefined(subject=ref(criterion), code=code, of=subject))
    return criterion


@operation
def draft_criterion(
    *, by: Actor, at: datetime, criterion_id: int, definition: Any | None = None, source: str | None = None, clause: str | None = None
) -> CriterionVersion:
    """Change the draft of a criterion, or begin one from the newest version. What is left out stays as it is."""
    criterion = Criterion.objects.select_for_update().get(pk=criterion_id)
    ensure(rules.may_draft)
    draft = criterion.versions.filter(adopted_at__isnull=True).first()
    if draft is None:
        last = criterion.versions.order_by("-number").first()
        draft = CriterionVersion(
            town_id=current_town(), criterion=criterion, number=last.number + 1 if last else 1, definition=last.definition if last else editing.empty(),
            source=last.source if last else "", clause=last.clause if last else "", made_at=at,
        )  # fmt: skip
    if definition is not None:
        _read(criterion, definition, by, territory.day_of(seen_by=by, at=at))
        draft.definition = definition
    if source is not None:
        draft.source = source.strip()[:200]
    if clause is not None:
        draft.clause = clause.strip()[:60]
    if not draft.source:
        raise NoSource
    draft.made_at = at
    draft.save()
    record(CriterionDrafted(subject=ref(criterion), code=criterion.code, number=draft.number, public=False))
    return draft


@operation
def try_criterion(*, by: Actor, at: datetime, criterion_id: int) -> queries.Trial:
    """Judge everybody in the register by the draft, and keep how many it meets; whom it meets is not kept."""
    criterion = Criterion.objects.select_for_update().get(pk=criterion_id)
    ensure(rules.may_draft)
    draft = queries.draft_of(seen_by=by, criterion=criterion)
    if draft is None:
        raise NothingDrafted
    on = territory.day_of(seen_by=by, at=at)
    _read(criterion, draft.definition, by, on)
    found = queries.trial(seen_by=by, version=draft, on=on)
    draft.tried_at = at
    draft.tried = {
        "digest": editing.digest(draft.definition), "yes": found.yes, "no": found.no, "unknown": found.unknown, "made": found.made,
        "missing": [list(one) for one in found.missing], "faults": found.faults,
    }  # fmt: skip
    draft.save(update_fields=["tried_at", "tried"])
    record(CriterionTried(subject=ref(criterion), code=criterion.code, number=draft.number, yes=found.yes, no=found.no, unknown=found.unknown, public=False))
    return found


@operation
def adopt_criterion(*, by: Actor, at: datetime, criterion_id: int, valid_from: date) -> CriterionVersion:
    """Make the draft the version by which the town decides from a day on. It must have been tried as it stands."""
    criterion = Criterion.objects.select_for_update().get(pk=criterion_id)
    ensure(rules.may_adopt)
    draft = queries.draft_of(seen_by=by, criterion=criterion)
    if draft is None:
        raise NothingDrafted
    node = _read(criterion, draft.definition, by, max(valid_from, territory.day_of(seen_by=by, at=at)))
    if isinstance(node, language.Group) and not node.parts:
        raise AsksNothing
    if draft.tried_at is None or draft.tried.get("digest") != editing.digest(draft.definition):
        raise NotTried
    last = criterion.versions.filter(adopted_at__isnull=False).order_by("-valid_from").first()
    earliest = territory.day_of(seen_by=by, at=at)
    if last is not None and last.valid_from is not None and last.valid_from > earliest:
        earliest = last.valid_from
    if valid_from < earliest:
        raise Backwards(day=earliest.isoformat())
    draft.adopted_at, draft.valid_from = at, valid_from
    draft.save(update_fields=["adopted_at", "valid_from"])
    record(CriterionAdopted(subject=ref(criterion), code=criterion.code, number=draft.number, valid_from=valid_from, digest=editing.digest(draft.definition)))
    return draft


@operation
def set_parameter(
    *, by: Actor, at: datetime, code: str, value: Any, valid_from: date, source: str, clause: str = "", title: str = "", unit: str | None = None
) -> ParameterValue:
    """Set the value of a parameter from a day on (None: it holds no more); a new parameter needs a title and its unit."""
    ensure(rules.may_adopt)
    if not source.strip():
        raise NoSource
    parameter = Parameter.objects.select_for_update().filter(town_id=current_town(), code=_code(code)).first()
    try:
        if unit is not None:
            units.measure(unit)
        amount = None if value is None else language.number(value)
    except units.BadUnit as bad:
        raise BadUnit from bad
    except language.BadValue as bad:
        raise BadAmount from bad
    if amount is not None and (amount * language.PLACES).denominator != 1:
        raise BadAmount
    if parameter is None:
        if not title.strip():
            raise NoTitle
        parameter = Parameter.objects.create(town_id=current_town(), code=code, title=title.strip()[:80], unit=unit or "")
    elif unit is not None and unit != parameter.unit:
        raise BadUnit
    stored = None if amount is None else Decimal(int(amount * language.PLACES)) / language.PLACES
    kept, _made = ParameterValue.objects.update_or_create(
        town_id=current_town(), parameter=parameter, valid_from=valid_from,
        defaults={"value": stored, "source": source.strip()[:200], "clause": clause.strip()[:60]},
    )  # fmt: skip
    record(ParameterSet(subject=ref(parameter), code=code, value="" if stored is None else str(stored), valid_from=valid_from))
    return kept
