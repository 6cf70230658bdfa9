"""Found anew when a field of one changes, or a benefit or a value by which it decides does."""

from gongzhi.foundation.criteria.facts import ParameterSet
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.operation import Entry, on
from gongzhi.registers.benefits import operations, queries, tasks
from gongzhi.registers.benefits.facts import BenefitAdopted
from gongzhi.registers.firms.facts import FirmChanged, FirmFigureTold, FirmRegistered, FirmsTaken
from gongzhi.registers.residents.facts import ResidentChanged, ResidentLeft, ResidentMoved, ResidentRegistered, ResidentsMerged, ResidentsTaken

OF = {FirmsTaken: ("firm",), ResidentsTaken: ("resident",), ResidentMoved: ("resident",), ResidentLeft: ("resident",), ResidentsMerged: ("resident",)}


@on(FirmRegistered, FirmChanged, FirmFigureTold, ResidentRegistered, ResidentChanged)
def match_whoever_changed(entry: Entry) -> None:
    label, _colon, number = entry.fact.subject.partition(":")
    subject = "firm" if label.startswith("firms.") else "resident"
    if queries.in_force(seen_by=CLOCK, on=territory.day_of(seen_by=CLOCK, at=entry.at), subject=subject):
        operations.match_one(by=CLOCK, at=entry.at, subject=subject, subject_id=int(number))


@on(FirmsTaken, ResidentsTaken, ResidentMoved, ResidentLeft, ResidentsMerged, BenefitAdopted, ParameterSet)
def match_everybody_when_many_or_a_benefit_changed(entry: Entry) -> None:
    """Queue a match of all; of residents also when one moved, for households change with them."""
    day = territory.day_of(seen_by=CLOCK, at=entry.at)
    for subject in OF.get(type(entry.fact), ("firm", "resident")):
        if queries.in_force(seen_by=CLOCK, on=day, subject=subject):
            tasks.TASK_OF[subject].defer(town_id=entry.town_id, since=tasks.numbered(entry.at))
