from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.kernel.tables import TownOwned

GEO_JSON = "application/geo+json"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
COUNT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_CountObservation"
ANY = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation"


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
    """A FeatureOfInterest: what is observed. That of a station follows the station's point unless it has a shape of its own."""

    encoding_type = models.CharField(max_length=100, default=GEO_JSON)
    feature = models.JSONField(null=True, blank=True)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station"], name="one_feature_per_station")]


class Thing(Living):
    """What a station has beyond what sensing knows of it. Its number is the station's."""

    station = models.OneToOneField("sensing.Station", on_delete=models.PROTECT, primary_key=True, related_name="+")
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True, help_text="null: code and kind of the station")
    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="of readings that name none")

    def __str__(self) -> str:
        return f"Thing {self.pk}"


class Place(Described):
    """A Location. That of a station follows the station's point unless it has a shape of its own."""

    encoding_type = models.CharField(max_length=100, default=GEO_JSON)
    location = models.JSONField(null=True, blank=True)
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station"], name="one_place_per_station")]


class Standing(TownOwned):
    """Where a Thing is now: a link of Thing and Location."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "thing", "place"], name="one_standing_per_place")]

    def __str__(self) -> str:
        return f"{self.thing_id} at {self.place_id}"


class Stay(Living):
    """A HistoricalLocation: since when a Thing was at its places."""

    thing = models.ForeignKey(Thing, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "thing", "at"], name="stay_newest")]

    def __str__(self) -> str:
        return f"{self.thing_id} since {self.at}"


class StayPlace(TownOwned):
    stay = models.ForeignKey(Stay, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "stay", "place"], name="one_place_per_stay")]

    def __str__(self) -> str:
        return f"{self.stay_id} at {self.place_id}"


class Instrument(Described):
    """A Sensor: the procedure by which something is measured. `metadata` is text or JSON."""

    encoding_type = models.CharField(max_length=100)
    metadata: Any = models.JSONField()
    station = models.ForeignKey("sensing.Station", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="those of a station of the town's own")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "station"], name="one_instrument_per_station")]


class Observed(Described):
    """An ObservedProperty. `code`: the factor it stands for, empty for those that were made over this interface."""

    definition = models.CharField(max_length=500)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], condition=~Q(code=""), name="one_observed_per_code")]


class Stream(Described):
    """What a series has beyond what sensing knows of it: a Datastream. Its number is the series'."""

    series = models.OneToOneField("sensing.Series", on_delete=models.PROTECT, primary_key=True, related_name="+")
    observation_type = models.CharField(max_length=200, default=MEASUREMENT)
    unit = models.JSONField(null=True, blank=True, help_text="unitOfMeasurement as it was given; null: from the series")
    observed_area = models.JSONField(null=True, blank=True)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    observed = models.ForeignKey(Observed, on_delete=models.PROTECT, related_name="+")


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
