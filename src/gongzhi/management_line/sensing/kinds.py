"""The kind that this module brings: alarm 警, proved by clean readings."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases.kind import CaseKind, register
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import queries

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


def dossier(*, seen_by: Actor, case: "Case") -> dict[str, Any]:
    """Return the stretch beyond the limit with its line, for the case page."""
    episode = queries.episode_of_case(seen_by=seen_by, case_id=case.pk)
    if episode is None:
        return {}
    until = max(filter(None, (episode.settled_at, episode.clean_at, episode.peak_at, case.touched_at))) + timedelta(hours=1)
    since = episode.began_at - timedelta(hours=3)
    steps = queries.hourly(seen_by=seen_by, series_ids=[episode.series_id], since=since, until=min(until, since + timedelta(days=2)), minutes=10)
    points = steps.get(episode.series_id, [])
    town = territory.town(seen_by=seen_by)
    return {
        "episode": episode, "station": episode.series.station, "labels": [f"{town.local(at):%m-%d %H:%M}" for at, _value in points], "values": points,
        "series": [(episode.series.label, [round(value, 2) for _at, value in points])],
    }  # fmt: skip


ALARM = register(
    CaseKind(
        code="alarm", title=_("Alarm"), line="management", mark="警", procedure=Path(__file__).parent / "procedures" / "alarm.yaml", verify="reading",
        opened_by=frozenset({"device", "system"}), rated=False, dossier_template="sensing/_dossier.html", dossier=dossier,
    )
)  # fmt: skip
