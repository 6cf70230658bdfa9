"""Tables of sensing, by matter.

stations.py  monitoring points
devices.py   loggers, work on them, what they are asked and tell
readings.py  series, readings, hours and days of them, what is set aside
claims.py    what supervised units say of their own readings
limits.py    limits and the stretches beyond them
"""

from gongzhi.management_line.sensing.models.claims import Claim, ClaimedReading
from gongzhi.management_line.sensing.models.devices import (
    MOST_SKEW,
    Calibration,
    Device,
    DeviceAddress,
    DeviceNotice,
    DeviceQuerySet,
    DeviceRequest,
    Maintenance,
    Proposed,
    RegistryVersion,
)
from gongzhi.management_line.sensing.models.limits import Episode, LimitRule, LimitRuleQuerySet
from gongzhi.management_line.sensing.models.readings import Batch, Day, Hour, Latest, Reading, RefusedPacket, Series, SetAside, Touched
from gongzhi.management_line.sensing.models.stations import Station, StationQuerySet, sees_all

__all__ = [
    "MOST_SKEW",
    "Batch",
    "Calibration",
    "Claim",
    "ClaimedReading",
    "Day",
    "Device",
    "DeviceAddress",
    "DeviceNotice",
    "DeviceQuerySet",
    "DeviceRequest",
    "Episode",
    "Hour",
    "Latest",
    "LimitRule",
    "LimitRuleQuerySet",
    "Maintenance",
    "Proposed",
    "Reading",
    "RefusedPacket",
    "RegistryVersion",
    "Series",
    "SetAside",
    "Station",
    "StationQuerySet",
    "Touched",
    "sees_all",
]  # fmt: skip
