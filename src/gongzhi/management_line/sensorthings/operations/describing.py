"""Stations and series put into the standard's words: what this interface adds to them, made once, and places when stations move."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.translation import gettext as _

from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing import queries as stations
from gongzhi.management_line.sensorthings import rules
from gongzhi.management_line.sensorthings.facts import EntitiesDescribed, EntityCreated
from gongzhi.management_line.sensorthings.models import Feature, Instrument, Observed, Place, Standing, Stay, StayPlace, Stream, Thing

MOST = 5_000  # at once; the next reader goes on


@operation
def describe_new(*, by: Actor, at: datetime) -> int:
    """Put stations and series into words that came another way than over this interface; returns how many."""
    ensure(rules.may_keep_up)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sensorthings.describe'), %s::integer)", [current_town() % 2**31])
    counts = _describe(at)
    record(EntitiesDescribed(subject=f"territory.town:{current_town()}", stations=counts[0], series=counts[1]))
    return sum(counts)


@operation
def follow_station(*, by: Actor, at: datetime, station_id: int) -> Place:
    """Give a station that has moved a new place, and its history a line."""
    ensure(rules.may_keep_up)
    thing = Thing.objects.select_for_update().get(pk=station_id)
    place = _place_of(stations.known_stations(seen_by=CLOCK).get(pk=station_id))
    place.save()
    _stand(at, thing.pk, [place])
    record(EntityCreated(subject=f"sensorthings.place:{place.pk}", entity="Location"))
    return place


def _describe(at: datetime) -> tuple[int, int]:
    """Describe what has no words yet; return how many (stations, series)."""
    town = current_town()
    with translation.override(settings.LANGUAGE_CODE):
        new = list(
            stations.known_stations(seen_by=CLOCK).annotate(has_words=Exists(Thing.objects.filter(pk=OuterRef("pk")))).filter(has_words=False)
            .order_by("pk")[:MOST]
        )  # fmt: skip
        features = Feature.objects.bulk_create([Feature(town_id=town, name=station.name, station_id=station.pk) for station in new])
        Thing.objects.bulk_create([Thing(town_id=town, station_id=station.pk, feature=feature) for station, feature in zip(new, features, strict=True)])
        pointed = [station for station in new if station.has_point]
        places = Place.objects.bulk_create([_place_of(station) for station in pointed])
        Standing.objects.bulk_create([Standing(town_id=town, thing_id=station.pk, place=place) for station, place in zip(pointed, places, strict=True)])
        stays = Stay.objects.bulk_create([Stay(town_id=town, thing_id=station.pk, at=station.opened_at) for station in pointed])
        StayPlace.objects.bulk_create([StayPlace(town_id=town, stay=stay, place=place) for stay, place in zip(stays, places, strict=True)])
        fresh = list(
            stations.known_series(seen_by=CLOCK).annotate(has_words=Exists(Stream.objects.filter(pk=OuterRef("pk")))).filter(has_words=False)
            .select_related("station").order_by("pk")[:MOST]
        )  # fmt: skip
        instruments = _instruments({series.station for series in fresh})
        observed = _observed({series.factor for series in fresh})
        Stream.objects.bulk_create(
            [Stream(town_id=town, series_id=series.pk, instrument_id=instruments[series.station_id], observed_id=observed[series.factor]) for series in fresh]
        )
    return len(new), len(fresh)


def _instruments(of: Iterable[Any]) -> dict[int, int]:
    """Return by station the Sensor that stands for whatever measures there."""
    named = {station.pk: station for station in of}
    known: dict[int, int] = {station_id: pk for station_id, pk in Instrument.objects.filter(station_id__in=named).values_list("station_id", "pk") if station_id}
    new = [named[pk] for pk in sorted(named.keys() - known.keys())]
    made = Instrument.objects.bulk_create(
        [
            Instrument(
                town_id=current_town(), station_id=station.pk, name=_("Instruments of %(station)s") % {"station": station.name}, encoding_type="text/html",
                description=_("Whatever measures at this station; its page names the devices."), metadata=f"/stations/{station.code}/",
            )
            for station in new
        ]
    )  # fmt: skip
    return known | {station.pk: one.pk for station, one in zip(new, made, strict=True)}


def _observed(codes: Iterable[str]) -> dict[str, int]:
    """Return by factor its ObservedProperty."""
    wanted = set(codes)
    known = dict(Observed.objects.filter(code__in=wanted).values_list("code", "pk"))
    made = []
    for code in sorted(wanted - known.keys()):
        factor = factors.factor(code)
        name, description = (factor.zh, factor.en) if factor else (code, "")
        made.append(Observed(town_id=current_town(), code=code, name=name, description=description, definition=f"urn:x-hj212:factor:{code}"))
    return known | {one.code: one.pk for one in Observed.objects.bulk_create(made)}


def _place_of(station: Any) -> Place:
    point = {"type": "Point", "coordinates": [station.longitude, station.latitude]}
    return Place(town_id=current_town(), name=station.name, description=station.address, location=point, station_id=station.pk)


def _stand(at: datetime, thing_id: int, places: Iterable[Place]) -> None:
    """Let a Thing stand at these places from now on."""
    town, given = current_town(), list(places)
    Standing.objects.filter(thing_id=thing_id).delete()
    Standing.objects.bulk_create([Standing(town_id=town, thing_id=thing_id, place=place) for place in given])
    if given:
        stay = Stay.objects.create(town_id=town, thing_id=thing_id, at=at)
        StayPlace.objects.bulk_create([StayPlace(town_id=town, stay=stay, place=place) for place in given])
