from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.kernel.tables import TownOwned

GEO_JSON = "application/geo+json"
_OM = "http://www.opengis.net/def/observationType/OGC-OM/2.0/"
MEASUREMENT = _OM + "OM_Measurement"
OBSERVATION_TYPES = frozenset({MEASUREMENT, _OM + "OM_CountObservation", _OM + "OM_Observation"})


class Living(TownOwned):
    """What DELETE takes out of this interface. It is not erased: readings and ledger entries stand on it."""

    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class Described(Living):
    """What all have: a name, a description, JSON properties."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Feature(Described):
    """A FeatureOfInterest 观测对象: what is observed. That of a station stands at the station's point unless it has a shape of its own."""

    encoding_type = models.CharField(max_length=100, default=GEO_JSON)
    feature = models.JSONField(null=True, blank=True)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station"], name="one_feature_per_station")]


class Thing(TownOwned):
    """What a station has beyond what sensing knows of it 物. Its number is the station's."""

    station = models.OneToOneField("sensing.Station", on_delete=models.PROTECT, primary_key=True, related_name="+")
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True, help_text="beyond code, kind and address, which come from the station")
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="+", help_text="of readings that name none")

    def __str__(self) -> str:
        return f"Thing {self.pk}"


class Place(Described):
    """A Location 位置. `station`: the point at which a station was registered; when it moves it gets another."""

    encoding_type = models.CharField(max_length=100, default=GEO_JSON)
    location: Any = models.JSONField()
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["town", "station"], name="place_of_station")]


class Standing(TownOwned):
    """Where a Thing is now: a link of Thing and Location."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "thing", "place"], name="one_standing_per_place")]

    def __str__(self) -> str:
        return f"{self.thing_id} at {self.place_id}"


class Stay(Living):
    """A HistoricalLocation 历史位置: since when a Thing was at its places."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "thing", "at"], name="stay_newest")]

    def __str__(self) -> str:
        return f"{self.thing_id} since {self.at}"


class StayPlace(TownOwned):
    """One of the places of a stay."""

    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "stay", "place"], name="one_place_per_stay")]

    def __str__(self) -> str:
        return f"{self.stay_id} at {self.place_id}"


class Instrument(Described):
    """A Sensor 传感器: the procedure by which something is measured. `metadata` is text or JSON."""

    encoding_type = models.CharField(max_length=100)
    metadata: Any = models.JSONField()
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
                                help_text="set: stands for whatever measures at this station")  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station"], name="one_instrument_per_station")]


class Observed(Described):
    """An ObservedProperty 观测属性. `code`: the factor that its series have."""

    definition = models.CharField(max_length=500)
    code = models.CharField(max_length=40, blank=True, help_text="empty: its series are named after its number")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], condition=~Q(code=""), name="one_observed_per_code")]


class Stream(Living):
    """What a series has beyond what sensing knows of it: a Datastream 数据流. Its number is the series'.

    A result as it is shown = value of the series × up / down + shift; all plain (1, 1, 0) where the units are the same.
    """

    series = models.OneToOneField("sensing.Series", on_delete=models.PROTECT, primary_key=True, related_name="+")
    name = models.CharField(max_length=200, blank=True, help_text="empty: from station and factor")
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True)
    observation_type = models.CharField(max_length=200, default=MEASUREMENT)
    unit = models.JSONField(null=True, blank=True, help_text="unitOfMeasurement as it was given; null: from the series")
    up = models.FloatField(default=1)
    down = models.FloatField(default=1)
    shift = models.FloatField(default=0)
    observed_area = models.JSONField(null=True, blank=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    observed = models.ForeignKey(Observed, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Datastream {self.pk}"


class Detail(TownOwned):
    """What a reading has beyond moment, value and mark; most have nothing, and then no row."""

    series = models.ForeignKey("sensing.Series", on_delete=models.PROTECT, db_index=False, related_name="+")
    measured_at = models.DateTimeField()
    version = models.SmallIntegerField()
    ends_at = models.DateTimeField(null=True, blank=True)
    result_time = models.DateTimeField(null=True, blank=True)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)
    quality = models.JSONField(null=True, blank=True)
    parameters = models.JSONField(null=True, blank=True)
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "series", "measured_at", "version"], name="one_detail_per_reading")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.measured_at}"
