"""Acts over SensorThings, by meaning.

describing.py  stations and series put into the standard's words
entities.py    Things, Locations, Sensors and the rest made, changed, withdrawn
observing.py   Observations taken and corrected
"""

from gongzhi.management_line.sensorthings.operations.describing import describe_new, follow_station
from gongzhi.management_line.sensorthings.operations.entities import change_entity, create_entity, withdraw_entity
from gongzhi.management_line.sensorthings.operations.observing import correct_observation, take_arrays

__all__ = ["change_entity", "correct_observation", "create_entity", "describe_new", "follow_station", "take_arrays", "withdraw_entity"]
