"""Questions about the town's environment, by what they are about."""

from gongzhi.management_line.ecology.queries.history import History, Line, history
from gongzhi.management_line.ecology.queries.today import COMPARTMENTS, Assessed, Environment, environment

__all__ = ["COMPARTMENTS", "Assessed", "Environment", "History", "Line", "environment", "history"]
