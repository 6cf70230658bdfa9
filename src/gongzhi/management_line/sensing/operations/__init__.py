"""Acts on stations, devices, limits and readings, by meaning.

registry.py  stations, devices, series, limits
upkeep.py    maintenance windows, calibrations, passwords
asking.py    requests to devices and what came of them
taking.py    readings kept, roll-ups, refused packets
judging.py   stretches beyond a limit and their alarms
"""

from gongzhi.management_line.sensing.operations.asking import NoStretch, NotAsked, ask_device, ask_for_clocks, ask_for_gaps, expire_requests, note_request
from gongzhi.management_line.sensing.operations.judging import Judged, follow_warnings, note_answer, prove_alarms, settle_alarm
from gongzhi.management_line.sensing.operations.registry import (
    AlreadyClosed,
    BadLimit,
    ClosedTooEarly,
    DeviceTaken,
    EndsTooEarly,
    LimitStillRuns,
    NoFlowTime,
    NotDownstream,
    ReservedCode,
    StillMeasured,
    UnknownKindOfStation,
    close_station,
    define_series,
    end_limit,
    register_device,
    register_station,
    set_limit,
)
from gongzhi.management_line.sensing.operations.taking import (
    LengthsDiffer,
    NotMeasurable,
    OutOfReach,
    Packed,
    TakenPacket,
    Targets,
    UnknownSeries,
    drop_raw,
    keep_notice,
    keep_refused,
    roll_up,
    take_measurements,
    take_packets,
    take_readings,
)
from gongzhi.management_line.sensing.operations.upkeep import EndsBeforeItBegins, plan_maintenance, record_calibration, rotate_device_password

__all__ = [
    "AlreadyClosed", "BadLimit", "ClosedTooEarly", "DeviceTaken", "EndsBeforeItBegins", "EndsTooEarly", "Judged", "LengthsDiffer", "LimitStillRuns",
    "NoFlowTime", "NoStretch", "NotAsked", "NotDownstream", "NotMeasurable", "OutOfReach", "Packed", "ReservedCode", "StillMeasured", "TakenPacket",
    "Targets", "UnknownKindOfStation", "UnknownSeries", "ask_device", "ask_for_clocks", "ask_for_gaps", "close_station", "define_series", "drop_raw",
    "end_limit", "expire_requests", "follow_warnings", "keep_notice", "keep_refused", "note_answer", "note_request", "plan_maintenance", "prove_alarms",
    "record_calibration", "register_device", "register_station", "roll_up", "rotate_device_password", "set_limit", "settle_alarm", "take_measurements",
    "take_packets", "take_readings",
]  # fmt: skip
