"""Soil: plots, and the samples that are taken of them."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.standards.edition import CannotAssess
from gongzhi.management_line.wastes import queries, rules
from gongzhi.management_line.wastes.facts import PlotRegistered, SampleTaken
from gongzhi.management_line.wastes.models import Plot, Sample, SampleValue

RESERVED = frozenset({"new", "export"})


class NoSuchUse(Refused):
    sentence = _("Choose what the ground is used for.")
    field = "use"


class NotAPlace(Refused):
    sentence = _("Longitude and latitude are degrees: −180 to 180 and −90 to 90.")
    field = "longitude"


class ReservedCode(Refused):
    sentence = _("This short name is an address of the product's own; choose another one.")
    field = "code"


class NumberTaken(Refused):
    sentence = _("A sample with this number is recorded already.")
    field = "number"


class NotTakenYet(Refused):
    sentence = _("A sample is recorded after it was taken.")
    field = "taken_on"


class NotASample(Refused):
    sentence = _("This cannot be judged: %(fault)s")
    field = "values"


class NoValues(Refused):
    sentence = _("A sample has at least one value, such as Cd 0.21.")
    field = "values"


@operation
def register_plot(
    *, by: Actor, at: datetime, code: str, name: str, use: str, longitude: float, latitude: float, organ_id: int | None = None, hectares: Decimal | None = None
) -> Plot:
    """Register a plot, or correct the one with this code."""
    ensure(rules.may_sample)
    if code in RESERVED:
        raise ReservedCode
    if use not in Plot.Use.values:
        raise NoSuchUse
    if not (math.isfinite(longitude) and math.isfinite(latitude) and -180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise NotAPlace
    given = {
        "name": name,
        "use": use,
        "longitude": longitude,
        "latitude": latitude,
        "organ_id": organ_id,
        "hectares": hectares,
        "area": territory.locate(seen_by=by, longitude=longitude, latitude=latitude),
    }
    plot, _made = Plot.objects.update_or_create(town_id=current_town(), code=code, defaults=given, create_defaults={**given, "registered_at": at})
    record(PlotRegistered(subject=ref(plot), code=code, use=use))
    return plot


@operation
def take_sample(
    *,
    by: Actor,
    at: datetime,
    plot_id: int,
    number: str,
    taken_on: date,
    values: Mapping[str, float],
    ph: float | None = None,
    depth: str = "",
    laboratory: str = "",
) -> Sample:
    """Record a sample with its values, item → mg/kg. What the norm for the plot's use cannot judge is refused: then item, pH or use is wrong."""
    plot = Plot.objects.select_for_update().get(pk=plot_id)
    ensure(rules.may_sample)
    if taken_on > territory.day_of(seen_by=by, at=at):
        raise NotTakenYet
    if Sample.objects.filter(number=number).exists():
        raise NumberTaken
    if not values:
        raise NoValues
    for item, value in values.items():
        try:
            queries.judge_value(seen_by=by, use=plot.use, item=item, value=value, ph=ph, on=taken_on)
        except CannotAssess as fault:
            raise NotASample(fault=str(fault)) from fault
    sample = Sample.objects.create(
        town_id=current_town(), plot=plot, number=number, taken_on=taken_on, depth=depth, ph=ph, laboratory=laboratory, recorded_at=at, recorded_by=by.ref
    )
    SampleValue.objects.bulk_create(SampleValue(town_id=current_town(), sample=sample, item=item, value=value) for item, value in values.items())
    record(SampleTaken(subject=ref(sample), plot_id=plot.pk, taken_on=taken_on, items=len(values)))
    return sample
