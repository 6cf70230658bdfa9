"""Sources, their outlets, and what their permits allow."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import queries as sensing
from gongzhi.management_line.sensing import units
from gongzhi.management_line.sources import rules
from gongzhi.management_line.sources.facts import OutletRegistered, PermitEnded, PermitEntered, SourceClosed, SourceRegistered
from gongzhi.management_line.sources.models import Outlet, Permit, PermitLimit, Source

RESERVED = frozenset({"new", "export"})
OUTLET_CODE = re.compile(r"D[AW][0-9]{3}")


class CodeTaken(Refused):
    sentence = _("This short name is an address of the product's own; choose another one.")
    field = "code"


class NoSuchFirm(Refused):
    sentence = _("Choose a firm that stands in the town's list of organs.")
    field = "organ"


class NoSuchLevel(Refused):
    sentence = _("Choose how the source is managed.")
    field = "level"


class BadCode(Refused):
    sentence = _("An outlet's code is DA or DW with three digits, such as DW001: DA for waste gas, DW for waste water.")
    field = "code"


class WrongStation(Refused):
    sentence = _("Choose a station that measures this sort of outlet, and downstream a river station.")
    field = "station"


class EndsBeforeItBegins(Refused):
    sentence = _("The end must lie after the beginning.")
    field = "valid_to"


class NumberTaken(Refused):
    sentence = _("A permit with this number stands in the register already.")
    field = "number"


class PermitOverlaps(Refused):
    sentence = _("Permit %(number)s of this source holds in that time; end it first.")
    field = "valid_from"


class BadLimitLine(Refused):
    sentence = _("Line %(line)s: name an outlet of this source, a factor, a limit with its unit or a yearly quantity, and the standard with its clause.")
    field = "limits"


class NotAPlace(Refused):
    sentence = _("Longitude and latitude are degrees: −180 to 180 and −90 to 90.")
    field = "longitude"


def _checked_place(longitude: float, latitude: float) -> None:
    """Refuse what is no place on the ground."""
    if not (math.isfinite(longitude) and math.isfinite(latitude) and -180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise NotAPlace


def _checked_firm(organ_id: int) -> None:
    """Refuse an organ that is no firm of this town."""
    if not organs.organs(seen_by=ANYONE, kind="enterprise").filter(pk=organ_id).exists():
        raise NoSuchFirm


@operation
def register_source(
    *,
    by: Actor,
    at: datetime,
    code: str,
    name: str,
    organ_id: int,
    industry_code: str,
    industry: str,
    level: str,
    longitude: float,
    latitude: float,
    name_en: str = "",
    address: str = "",
) -> Source:
    """Register a pollution source, or correct the one with this code."""
    ensure(rules.may_keep)
    if code in RESERVED:
        raise CodeTaken
    _checked_firm(organ_id)
    _checked_place(longitude, latitude)
    if level not in Source.Level.values:
        raise NoSuchLevel
    given = {
        "name": name,
        "name_en": name_en,
        "organ_id": organ_id,
        "industry_code": industry_code,
        "industry": industry,
        "level": level,
        "longitude": longitude,
        "latitude": latitude,
        "address": address,
        "area": territory.locate(seen_by=by, longitude=longitude, latitude=latitude),
    }
    source, _made = Source.objects.update_or_create(town_id=current_town(), code=code, defaults=given, create_defaults={**given, "registered_at": at})
    record(SourceRegistered(subject=ref(source), code=code, level=level))
    return source


@operation
def close_source(*, by: Actor, at: datetime, source_id: int, closed_on: date) -> Source:
    """Note that a source no longer works from a day on; its register stays readable for the town."""
    source = Source.objects.select_for_update().get(pk=source_id)
    ensure(rules.may_keep)
    source.closed_on = closed_on
    source.save(update_fields=["closed_on"])
    record(SourceClosed(subject=ref(source), closed_on=closed_on))
    return source


@operation
def register_outlet(
    *,
    by: Actor,
    at: datetime,
    source_id: int,
    code: str,
    name: str,
    longitude: float,
    latitude: float,
    height: float | None = None,
    receiving_water: str = "",
    station_id: int | None = None,
    downstream_id: int | None = None,
    downstream_hours: float | None = None,
) -> Outlet:
    """Register an outlet of a source, or correct the one with this code. The code says what leaves it: DA waste gas, DW waste water."""
    source = Source.objects.select_for_update().get(pk=source_id)
    ensure(rules.may_keep)
    if not OUTLET_CODE.fullmatch(code):
        raise BadCode
    _checked_place(longitude, latitude)
    medium = Outlet.Medium.AIR if code.startswith("DA") else Outlet.Medium.WATER
    known = {station.pk: station for station in sensing.stations(seen_by=by)}
    if station_id is not None and (station_id not in known or known[station_id].kind != ("flue_gas" if medium == Outlet.Medium.AIR else "waste_water")):
        raise WrongStation
    below = known.get(downstream_id) if downstream_id is not None else None
    if downstream_id is not None and (below is None or below.kind != "surface_water" or medium != Outlet.Medium.WATER):
        raise WrongStation(field="downstream")
    if downstream_hours is not None and (below is None or not 0 <= downstream_hours < math.inf):
        raise WrongStation(field="downstream_hours")
    outlet, _made = Outlet.objects.update_or_create(
        town_id=current_town(),
        source=source,
        code=code,
        defaults={
            "name": name,
            "medium": medium,
            "longitude": longitude,
            "latitude": latitude,
            "height": height,
            "receiving_water": receiving_water,
            "station_id": station_id,
            "downstream_id": downstream_id,
            "downstream_hours": downstream_hours,
        },
    )
    record(OutletRegistered(subject=ref(outlet), source_id=source.pk, code=code))
    return outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitLine:
    """A limit as it is entered: for which outlet (its code) and factor, how much, by which standard and clause."""

    outlet: str
    factor: str
    standard: str
    concentration: float | None = None
    low: float | None = None
    unit: str = ""
    reference_oxygen: float | None = None
    year_amount: Decimal | None = None  # tonnes


def _is_whole(line: LimitLine) -> bool:
    """Return whether a limit line says enough, and nothing that cannot be."""
    figures = [figure for figure in (line.concentration, line.low, line.reference_oxygen) if figure is not None]
    if not line.factor.strip() or not line.standard.strip() or not all(math.isfinite(figure) for figure in figures):
        return False
    if line.concentration is None and line.year_amount is None:
        return False
    if line.concentration is not None and (not units.is_known(line.unit) or (line.low is not None and line.low >= line.concentration)):
        return False
    if line.reference_oxygen is not None and not 0 <= line.reference_oxygen < 21:
        return False
    return line.year_amount is None or (line.year_amount.is_finite() and line.year_amount > 0)


@operation
def enter_permit(
    *, by: Actor, at: datetime, source_id: int, number: str, valid_from: date, valid_to: date, limits: Sequence[LimitLine], issued_by: str = ""
) -> Permit:
    """Enter a discharge permit of a source with what it allows each outlet. Permits of one source do not overlap in time."""
    source = Source.objects.select_for_update().get(pk=source_id)
    ensure(rules.may_keep)
    if valid_to <= valid_from:
        raise EndsBeforeItBegins
    if Permit.objects.filter(number=number).exists():
        raise NumberTaken
    for other in Permit.objects.filter(source=source, valid_from__lte=valid_to, valid_to__gte=valid_from):
        last = min(other.valid_to, other.ended_on - timedelta(days=1)) if other.ended_on else other.valid_to
        if last >= valid_from:
            raise PermitOverlaps(number=other.number)
    outlets = {outlet.code: outlet for outlet in Outlet.objects.filter(source=source)}
    seen: set[tuple[str, str]] = set()
    for place, line in enumerate(limits, 1):
        if line.outlet not in outlets or (line.outlet, line.factor) in seen or not _is_whole(line):
            raise BadLimitLine(line=place)
        seen.add((line.outlet, line.factor))
    permit = Permit.objects.create(
        town_id=current_town(), source=source, number=number, issued_by=issued_by, valid_from=valid_from, valid_to=valid_to, entered_at=at
    )
    PermitLimit.objects.bulk_create(
        PermitLimit(
            town_id=current_town(),
            permit=permit,
            outlet=outlets[line.outlet],
            factor=line.factor,
            concentration=line.concentration,
            low=line.low,
            unit=line.unit,
            reference_oxygen=line.reference_oxygen,
            year_amount=line.year_amount,
            standard=line.standard,
        )
        for line in limits
    )
    record(PermitEntered(subject=ref(permit), source_id=source.pk, number=number, valid_to=valid_to, limits=len(limits)))
    return permit


@operation
def end_permit(*, by: Actor, at: datetime, permit_id: int, ended_on: date, reason: str) -> Permit:
    """End a permit before its time: withdrawn, or replaced by another. `ended_on` is the first day on which it no longer holds."""
    permit = Permit.objects.select_for_update().get(pk=permit_id)
    ensure(rules.may_keep)
    if not permit.valid_from <= ended_on <= permit.valid_to:
        raise EndsBeforeItBegins(field="ended_on")
    permit.ended_on = ended_on
    permit.end_reason = reason
    permit.save(update_fields=["ended_on", "end_reason"])
    record(PermitEnded(subject=ref(permit), number=permit.number, ended_on=ended_on))
    return permit
