"""The record's door asks here what is granted."""

from datetime import datetime

from gongzhi.kernel.actors import Actor
from gongzhi.registers.grants import queries
from gongzhi.registers.record import grants
from gongzhi.registers.record.grants import Granted


def _granted(actor: Actor, register: str, at: datetime) -> list[Granted]:
    return queries.granted_to(seen_by=actor, register=register, at=at)


grants.check_by(_granted)
