"""The kind that this module brings: alarm 警, proved by clean readings."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gongzhi.cases.kind import CaseKind, may_programs, register
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sensing import causes, queries

if TYPE_CHECKING:
    from gongzhi.cases.models import Case
    from gongzhi.management_line.sensing.models import Episode


def dossier(*, seen_by: Actor, case: "Case") -> dict[str, Any]:
    """Return the stretches that the case is about, each with why it began and with the line of what was measured, for the case page."""
    found = queries.episodes_of_case(seen_by=seen_by, case_id=case.pk)
    return {"stretches": [_stretch(seen_by, case, episode) for episode in found], "station": found[0].station if found else None}


def _stretch(seen_by: Actor, case: "Case", episode: "Episode") -> dict[str, Any]:
    until = max(filter(None, (episode.settled_at, episode.clean_at, episode.peak_at, case.touched_at))) + timedelta(hours=1)
    since = episode.began_at - timedelta(hours=3)
    ids = [episode.series_id] if episode.series_id is not None else []
    steps = queries.hourly(seen_by=seen_by, series_ids=ids, since=since, until=min(until, since + timedelta(days=2)), minutes=10)
    points = steps.get(episode.series_id, []) if episode.series_id is not None else []
    town = territory.town(seen_by=seen_by)
    return {
        "episode": episode, "labels": [f"{town.local(at):%m-%d %H:%M}" for at, _value in points], "values": points,
        "series": [(episode.label, [round(value, 2) for _at, value in points])], "limit": episode.rule.limit if episode.rule else None,
        "unit": episode.series.unit if episode.series else "",
    }  # fmt: skip


causes.register(
    causes.Cause(
        code=causes.LIMIT, title=_("Limit passed"), icon="triangle-alert",
        say=lambda said: gettext("What was measured passed a limit: %(rule)s (%(words)s).") % {"rule": said.get("rule", ""), "words": said.get("words", "")},
    )
)  # fmt: skip
ALARM = register(
    CaseKind(
        code="alarm", title=_("Alarm"), line="management", mark="警", procedure=Path(__file__).parent / "procedures" / "alarm.yaml", verify="reading",
        may_open=may_programs, doors=frozenset(), has_categories=True, limit=(5, "working_days"),
        rated=False, dossier_template="sensing/_dossier.html", dossier=dossier,
    )
)  # fmt: skip
