"""Risk sources and the places that are to be protected from them."""

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sources import rules
from gongzhi.management_line.sources.facts import DrillRecorded, PlanFiled, RiskSourceRegistered, SensitivePlaceRegistered, SubstanceListed
from gongzhi.management_line.sources.models import Drill, Plan, RiskSource, SensitivePlace, Substance
from gongzhi.management_line.sources.operations.outlets import RESERVED, CodeTaken, EndsBeforeItBegins, _checked_firm, _checked_place


class NotAQuantity(Refused):
    sentence = _("A quantity is nought or more, a threshold above nought, both in tonnes, with the basis of the threshold.")
    field = "quantity"


class NoSuchPaper(Refused):
    sentence = _("The plan's document cannot be found; please attach it again.")
    field = "paper"


class NotYetHeld(Refused):
    sentence = _("A drill is recorded after it was held.")
    field = "held_on"


class NoSuchKindOfPlace(Refused):
    sentence = _("Choose what sort of place it is.")
    field = "kind"


@operation
def register_risk_source(
    *, by: Actor, at: datetime, code: str, name: str, organ_id: int, longitude: float, latitude: float, contact_post: str = "", note: str = ""
) -> RiskSource:
    """Register a risk source, or correct the one with this code."""
    ensure(rules.may_keep)
    if code in RESERVED:
        raise CodeTaken
    _checked_firm(organ_id)
    _checked_place(longitude, latitude)
    given = {
        "name": name,
        "organ_id": organ_id,
        "longitude": longitude,
        "latitude": latitude,
        "contact_post": contact_post,
        "note": note,
        "area": territory.locate(seen_by=by, longitude=longitude, latitude=latitude),
    }
    risk, _made = RiskSource.objects.update_or_create(town_id=current_town(), code=code, defaults=given, create_defaults={**given, "registered_at": at})
    record(RiskSourceRegistered(subject=ref(risk), code=code))
    return risk


@operation
def list_substance(*, by: Actor, at: datetime, risk_id: int, name: str, quantity: Decimal, threshold: Decimal, basis: str, cas: str = "") -> Substance:
    """List a substance with the most that is there at a time; what was listed of it before stays as history."""
    risk = RiskSource.objects.select_for_update().get(pk=risk_id)
    ensure(rules.may_keep_risk, risk.organ_id)
    if not (quantity.is_finite() and threshold.is_finite()) or quantity < 0 or threshold <= 0 or not basis.strip():
        raise NotAQuantity
    Substance.objects.filter(risk=risk, name=name, is_current=True).update(is_current=False)
    substance = Substance.objects.create(
        town_id=current_town(), risk=risk, name=name, cas=cas, quantity=quantity, threshold=threshold, basis=basis, listed_at=at
    )
    record(SubstanceListed(subject=ref(substance), risk_id=risk.pk))
    return substance


@operation
def file_plan(*, by: Actor, at: datetime, risk_id: int, title: str, number: str, filed_on: date, revision_due_on: date, paper_id: int | None = None) -> Plan:
    """File an emergency plan of a risk source, with its document where there is one."""
    risk = RiskSource.objects.select_for_update().get(pk=risk_id)
    ensure(rules.may_keep_risk, risk.organ_id)
    if revision_due_on <= filed_on:
        raise EndsBeforeItBegins(field="revision_due_on")
    if paper_id is not None and not attachments.attachments(seen_by=by, attachment_ids=[paper_id]).filter(added_by=by.ref).exists():
        raise NoSuchPaper  # somebody else's paper is not shown to more people by hanging it here
    plan = Plan.objects.create(
        town_id=current_town(), risk=risk, title=title, number=number, filed_on=filed_on, revision_due_on=revision_due_on, paper_id=paper_id, entered_at=at
    )
    record(PlanFiled(subject=ref(plan), risk_id=risk.pk, filed_on=filed_on))
    return plan


@operation
def record_drill(*, by: Actor, at: datetime, risk_id: int, held_on: date, scenario: str, finding: str = "") -> Drill:
    """Record a drill that was held, and what it showed."""
    risk = RiskSource.objects.select_for_update().get(pk=risk_id)
    ensure(rules.may_keep_risk, risk.organ_id)
    if held_on > territory.day_of(seen_by=by, at=at):
        raise NotYetHeld
    drill = Drill.objects.create(town_id=current_town(), risk=risk, held_on=held_on, scenario=scenario, finding=finding, recorded_at=at, recorded_by=by.ref)
    record(DrillRecorded(subject=ref(drill), risk_id=risk.pk, held_on=held_on))
    return drill


@operation
def register_sensitive_place(
    *, by: Actor, at: datetime, name: str, kind: str, longitude: float, latitude: float, population: int | None = None, name_en: str = "",
    closed_on: date | None = None,
) -> SensitivePlace:  # fmt: skip
    """Register a place to be protected, or correct the one of this name; with `closed_on`, it is listed no more."""
    ensure(rules.may_keep)
    if kind not in SensitivePlace.Kind.values:
        raise NoSuchKindOfPlace
    _checked_place(longitude, latitude)
    given = {"kind": kind, "longitude": longitude, "latitude": latitude, "population": population, "name_en": name_en, "closed_on": closed_on}
    place, _made = SensitivePlace.objects.update_or_create(town_id=current_town(), name=name, defaults=given, create_defaults={**given, "registered_at": at})
    record(SensitivePlaceRegistered(subject=ref(place), kind_of_place=kind))
    return place
