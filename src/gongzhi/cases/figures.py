"""What cases can be measured by, case by case: the evaluation makes indicators of these."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.figures import Figure, Observation, Read, declare


def _of(value: Callable[[queries.Outcome], float | bool | None]) -> Read:
    """Return what reads a value of each closed case; None is no observation."""

    def read(*, seen_by: Actor, since: datetime, until: datetime, at: datetime) -> Iterator[Observation]:
        for one in queries.outcomes(seen_by=seen_by, since=since, until=until, at=at):
            told = value(one)
            if told is not None:
                yield Observation(float(told), one.lead_id, one.slug, one.number, one.category_id, one.area_path)

    return read


def _solved(one: queries.Outcome) -> bool | None:
    return None if one.came_back is None else not one.came_back


declare(
    Figure(
        code="cases.on_time", title=_("Closed in time"), text=_("closed cases that have a clock: closed before it ran out, lawful extensions included"),
        sort="flag", read=_of(lambda one: None if one.was_late is None else not one.was_late),
    ),
    Figure(
        code="cases.solved", title=_("Really solved"),
        text=_("closed cases whose 30 days are over, or that came back before: not opened again, and nothing of the kind within 55 m"),
        sort="flag", read=_of(_solved),
    ),
    Figure(
        code="cases.checked", title=_("Checked by others"), text=_("closed cases: somebody else looked before they were closed"), sort="flag",
        read=_of(lambda one: not one.unverified),
    ),
    Figure(
        code="cases.satisfied", title=_("Satisfied"), text=_("rated closed cases: not rated badly by anybody"), sort="flag",
        read=_of(lambda one: None if one.level is None else one.level > 2),
    ),
    Figure(
        code="cases.days", title=_("Days waited"), text=_("closed cases: calendar days from coming in to being closed"), sort="amount", unit="days",
        read=_of(lambda one: one.days),
    ),
    Figure(
        code="cases.first_hand", title=_("Not sent back"), text=_("closed cases: no unit had sent it back"), sort="flag",
        read=_of(lambda one: one.returns == 0),
    ),
)  # fmt: skip
