"""Stations, their devices, what they measure and the limits for it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors, rules
from gongzhi.management_line.sensing.bounds import LONGEST_FLOW, MOST_VALUE, is_measurable
from gongzhi.management_line.sensing.facts import DeviceRegistered, LimitEnded, LimitSet, SeriesDefined, StationClosed, StationRegistered
from gongzhi.management_line.sensing.models import Device, DeviceAddress, Episode, Latest, LimitRule, RegistryVersion, Series, Station


class UnknownKindOfStation(Refused):
    sentence = _("Choose what the station measures.")
    field = "kind"


class ReservedCode(Refused):
    sentence = _("This short name is an address of the product's own; choose another one.")
    field = "code"


class NotDownstream(Refused):
    sentence = _("Choose a monitoring point of water that lies downstream; water flows from water and never in a circle.")
    field = "flows_to"


class NoFlowTime(Refused):
    sentence = _("A flow time is given in hours, nought or more, and with the point it leads to.")
    field = "flow_hours"


class NotOnEarth(Refused):
    sentence = _("Longitude and latitude are degrees: −180 to 180 and −90 to 90.")
    field = "longitude"


class NoInterval(Refused):
    sentence = _("A device reports every second at most and once a day at least.")
    field = "report_seconds"


RESERVED = frozenset({"claims", "new", "devices", "archive", "import", "feeds", "map", "sensorthings"})


class AlreadyClosed(Refused):
    sentence = _("This station is closed already.")


class ClosedTooEarly(Refused):
    sentence = _("A station is closed now or earlier, and after it was opened; leave the time empty to close it now.")
    field = "since"


class StillMeasured(Refused):
    sentence = _("The station has measured after this time; choose a later one, or leave it empty to close it now.")
    field = "since"


class DeviceTaken(Refused):
    sentence = _("A device with this MN is registered already.")
    field = "mn"


class BadLimit(Refused):
    sentence = _("A limit needs a station or a kind of station, and counts of at least one.")
    field = "limit"


class NotALimit(Refused):
    sentence = _("A limit is a finite number that can be measured, its difference nought or more, its duration a day at most.")
    field = "limit"


class LimitStillRuns(Refused):
    sentence = _("An alarm under this limit is not cleared yet; end the limit after it.")


class EndsTooEarly(Refused):
    sentence = _("A limit ends today or later, and after the day on which it began; what it has judged stays judged.")
    field = "on"


def _changed() -> None:
    """Let gateways read the town's registry again."""
    RegistryVersion.objects.get_or_create(town_id=current_town())
    RegistryVersion.objects.filter(town_id=current_town()).update(version=F("version") + 1)
    forget("sensing.version")  # this process knows at once; others within a second


def _leads_away(code: str, flows_to_id: int) -> bool:
    """Return whether the way down from a point of water passes no station of this code."""
    below = {pk: (name, kind, on) for pk, name, kind, on in Station.objects.values_list("pk", "code", "kind", "flows_to_id")}
    here: int | None = flows_to_id
    passed: set[int] = set()
    while here is not None and here not in passed:
        if here not in below or below[here][0] == code or below[here][1] not in Station.WATER:
            return False
        passed.add(here)
        here = below[here][2]
    return True


@operation
def register_station(*, by: Actor, at: datetime, code: str, name: str, kind: str, name_en: str = "", longitude: float | None = None,
                     latitude: float | None = None, address: str = "", organ_id: int | None = None, is_public: bool = True,
                     flows_to_id: int | None = None, flow_hours: float | None = None) -> Station:  # fmt: skip
    """Register a station, or correct the one with this code; a closed one is open again.

    `flows_to_id`: the next point downstream, `flow_hours` the usual travel time to it.
    """
    ensure(rules.may_register)
    known = Station.objects.select_related("organ").filter(code=code).first()
    if known is not None:
        ensure(rules.may_judge, known)
    if kind not in Station.Kind.values:
        raise UnknownKindOfStation
    if code in RESERVED:
        raise ReservedCode
    if flows_to_id is not None and (kind not in Station.WATER or not _leads_away(code, flows_to_id)):
        raise NotDownstream
    if flow_hours is not None and (flows_to_id is None or not 0 <= flow_hours <= LONGEST_FLOW):
        raise NoFlowTime
    if not all(value is None or -most <= value <= most for value, most in ((longitude, 180), (latitude, 90))):
        raise NotOnEarth
    area = territory.locate(seen_by=by, longitude=longitude, latitude=latitude) if longitude is not None and latitude is not None else None
    given: dict[str, Any] = {
        "name": name, "name_en": name_en, "kind": kind, "longitude": longitude, "latitude": latitude, "address": address, "area": area,
        "organ_id": organ_id, "is_public": is_public, "flows_to_id": flows_to_id, "flow_hours": flow_hours,
    }  # fmt: skip
    station, _made = Station.objects.update_or_create(
        town_id=current_town(), code=code, defaults={**given, "closed_at": None, "close_reason": ""}, create_defaults={**given, "opened_at": at}
    )
    _changed()
    record(StationRegistered(subject=ref(station), code=code, kind_of_station=kind))
    return station


@operation
def close_station(*, by: Actor, at: datetime, station_id: int, reason: str = "", since: datetime | None = None) -> Station:
    """Close a station: it is listed no more and its devices are retired. Its readings, cases and limits stay; to register its code opens it again.

    `since`: where it stopped before now. Nothing is due from it after that; it cannot lie before what was measured.
    """
    station = Station.objects.select_for_update(of=("self",)).select_related("organ").get(pk=station_id)
    ensure(rules.may_register)
    ensure(rules.may_judge, station)
    if station.closed_at is not None:
        raise AlreadyClosed
    if since is not None:
        if not station.opened_at <= since <= at:
            raise ClosedTooEarly
        if Latest.objects.filter(series__station=station, measured_at__gt=since).exists():
            raise StillMeasured
    station.closed_at, station.close_reason = since or at, reason.strip()
    station.save(update_fields=["closed_at", "close_reason"])
    Device.objects.filter(station=station).update(state=Device.State.RETIRED)
    _changed()
    record(StationClosed(subject=ref(station), code=station.code))
    return station


@operation
def register_device(*, by: Actor, at: datetime, station_id: int, mn: str, password: str, report_seconds: int = 60,
                    series: Mapping[str, str] | None = None, aggregate: str = "rtd") -> Device:  # fmt: skip
    """Register a logger of a station; its password is sealed. `series`: factor → unit of what it reports.

    One that was retired, as all of a station are that was closed, comes back under its MN, to this station.
    Codes of 2005 are taken for those of 2017, as in packets.
    """
    ensure(rules.may_register)
    ensure(rules.may_judge, Station.objects.select_related("organ").get(pk=station_id))
    if not 1 <= report_seconds <= 86_400:
        raise NoInterval
    given: dict[str, Any] = {"station_id": station_id, "sealed_password": sealing.seal_text(password, "device"), "report_seconds": report_seconds}
    known = DeviceAddress.objects.filter(mn=mn).first()
    if known is None:
        device = Device.objects.create(town_id=current_town(), mn=mn, registered_at=at, **given)
        DeviceAddress.objects.create(mn=mn, town_id=current_town(), device_id=device.pk)
    else:
        retired = Device.objects.select_for_update().filter(pk=known.device_id, mn=mn, town_id=current_town(), state=Device.State.RETIRED).first()
        if retired is None:
            raise DeviceTaken
        device = retired
        given |= {"state": Device.State.ACTIVE, "registered_at": at, "last_seen_at": None, "clock_skew": None}  # it is heard anew from here on
        for name, value in given.items():
            setattr(device, name, value)
        device.save(update_fields=list(given))
    for factor, unit in (series or {}).items():
        Series.objects.get_or_create(
            town_id=current_town(), station_id=station_id, factor=factors.present(factor), aggregate=aggregate, defaults={"unit": unit, "began_at": at}
        )
    _changed()
    record(DeviceRegistered(subject=ref(device), station_id=station_id, protocol=device.protocol))
    return device


@operation
def define_series(*, by: Actor, at: datetime, station_id: int, factor: str, aggregate: str = "rtd", unit: str = "") -> Series:
    """Return what a station measures of a factor, made now if it is new; a unit that was not known yet is filled in."""
    ensure(rules.may_define)
    station = Station.objects.select_related("organ").get(pk=station_id)
    ensure(rules.may_judge, station)
    series, made = Series.objects.get_or_create(
        town_id=current_town(), station=station, factor=factor, aggregate=aggregate,
        defaults={"unit": unit or factors.usual_unit(factor, station.kind), "began_at": at},
    )  # fmt: skip
    if not made and unit and not series.unit:
        series.unit = unit
        series.save(update_fields=["unit"])
    _changed()
    record(SeriesDefined(subject=ref(series), station_id=station_id, factor=factor))
    return series


@operation
def set_limit(*, by: Actor, at: datetime, title: str, factor: str, limit: float, unit: str, valid_from: date, station_id: int | None = None,
              station_kind: str = "", comparator: str = "above", aggregate: str = "rtd", return_difference: float = 0, count: int = 2,
              duration_seconds: int = 0, clean_count: int = 3, severity: int = 2, category_id: int | None = None, clause: str = "") -> LimitRule:  # fmt: skip
    """Set a limit for one station or for all of a kind, from a day on."""
    ensure(rules.may_register)
    if station_id is not None:
        ensure(rules.may_judge, Station.objects.select_related("organ").get(pk=station_id))
    if not (is_measurable(limit) and 0 <= return_difference < MOST_VALUE and 0 <= duration_seconds <= 86_400 and 1 <= severity <= 4):
        raise NotALimit
    if (station_id is None and not station_kind) or count < 1 or clean_count < 1 or comparator not in LimitRule.Comparator.values:
        raise BadLimit
    rule = LimitRule.objects.create(
        town_id=current_town(), title=title, station_id=station_id, station_kind=station_kind, factor=factors.present(factor), aggregate=aggregate,
        comparator=comparator, limit=limit, unit=unit, return_difference=return_difference, count=count, duration_seconds=duration_seconds,
        clean_count=clean_count, severity=severity, category_id=category_id, clause=clause, valid_from=valid_from,
    )  # fmt: skip
    _changed()
    record(LimitSet(subject=ref(rule), factor=rule.factor, limit=limit, unit=unit, clause=clause))
    return rule


@operation
def end_limit(*, by: Actor, at: datetime, limit_id: int, on: date) -> LimitRule:
    """Let a limit hold no more from a day on."""
    rule = LimitRule.objects.select_for_update(of=("self",)).select_related("station", "station__organ").get(pk=limit_id)
    ensure(rules.may_register)
    if rule.station is not None:
        ensure(rules.may_judge, rule.station)
    if on < territory.day_of(seen_by=by, at=at) or on <= rule.valid_from or (rule.valid_to is not None and on >= rule.valid_to):
        raise EndsTooEarly
    if Episode.objects.filter(rule=rule).exclude(state=Episode.State.SETTLED).exists():
        raise LimitStillRuns(rule)
    rule.valid_to = on
    rule.save(update_fields=["valid_to"])
    _changed()
    record(LimitEnded(subject=ref(rule), factor=rule.factor, on=on))
    return rule
