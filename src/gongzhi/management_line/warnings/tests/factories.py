"""Series with a past, hour by hour or minute by minute, at stations of a made town."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from gongzhi.cases.tests.factories import MAKER
from gongzhi.kernel.actors import system
from gongzhi.management_line.sensing import operations as sensing

GATEWAY = system("gateway")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def make_series(at: datetime, station: Any, factor: str, unit: str) -> Any:
    """Return a series of a station, known since long before."""
    return sensing.define_series(by=GATEWAY, at=at - timedelta(days=90), station_id=station.pk, factor=factor, unit=unit)


def take(at: datetime, series: Any, values: Sequence[float], *, step: timedelta = MINUTE) -> None:
    """Take values that end at a moment, one a step; what is not a number is left out."""
    moments = [at - (len(values) - 1 - place) * step for place in range(len(values))]
    known = [(moment, value) for moment, value in zip(moments, values, strict=True) if value == value]  # NaN is not itself
    sensing.take_measurements(
        by=GATEWAY, at=at, key=uuid.uuid4(), series_ids=[series.pk] * len(known), moments=[moment for moment, _value in known],
        values=[value for _moment, value in known],
    )


def make_point(at: datetime, code: str, *, kind: str, longitude: float = 120.0, latitude: float = 30.0, **more: Any) -> Any:
    """Return a station at a point."""
    return sensing.register_station(by=MAKER, at=at - timedelta(days=90), code=code, name=code, kind=kind, longitude=longitude, latitude=latitude, **more)
