"""Questions about the town's environment, by what they are about."""

from gongzhi.management_line.ecology.queries.completeness import StationDay, StationDays, completeness
from gongzhi.management_line.ecology.queries.days import POLLUTANTS, AirDay, air_days
from gongzhi.management_line.ecology.queries.history import History, Line, history
from gongzhi.management_line.ecology.queries.residents import ForResidents, for_residents
from gongzhi.management_line.ecology.queries.today import COMPARTMENTS, Assessed, Environment, environment

__all__ = [
    "COMPARTMENTS", "POLLUTANTS", "AirDay", "Assessed", "Environment", "ForResidents", "History",
    "Line", "StationDay", "StationDays", "air_days", "completeness", "environment", "for_residents", "history",
]  # fmt: skip
