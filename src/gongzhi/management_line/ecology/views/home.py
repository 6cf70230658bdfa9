"""The environment's home: today in one look, and a page for each compartment.

Other modules add their ways in through doors (`gongzhi.kernel.doors`, place "environment").
"""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from gongzhi.kernel import doors, live
from gongzhi.kernel.web import actor_of, page
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.queries import Assessed
from gongzhi.management_line.sensing import queries as sensing

PLACE = "environment"
TITLES = {
    "air": (gettext_lazy("Air"), "wind"), "water": (gettext_lazy("Water"), "droplets"), "noise": (gettext_lazy("Noise"), "volume-2"),
    "soil": (gettext_lazy("Soil"), "layers"), "waste": (gettext_lazy("Solid waste"), "trash-2"), "ecology": (gettext_lazy("Ecology"), "leaf"),
}  # fmt: skip
MOST = 6


@dataclass(frozen=True, slots=True)
class Glance:
    """A compartment in one look: its word of the day, what stands behind the word, and how many stations say so."""

    name: str
    title: Any
    icon: str
    words: Any
    detail: Any
    chip: str
    chip_words: Any
    chip_icon: str


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the environment today, by compartment, with what needs somebody now and the ways on."""
    actor, at = actor_of(request), timezone.now()
    found = queries.environment(seen_by=actor, at=at)
    hung = doors.shown(PLACE, actor=actor, at=at)
    return page(
        request, "ecology/home.html",
        {"now": at, "found": found, "glances": [_glance(name, part, hung) for name, part in found.compartments.items()], "doors": hung,
         "troubled": [one for one in found.stations if one.now.is_beyond or not one.now.is_online][:MOST],
         "episodes": list(sensing.episodes(seen_by=actor, open_only=True)[:MOST]), "stream": live.stream_url(request, "town")},
        fragment="ecology/_home.html",
    )  # fmt: skip


@require_GET
def compartment(request: HttpRequest, part: str) -> HttpResponse:
    """Show one compartment: its stations with index or class and how it was found, its stretches, its ways on."""
    actor, at = actor_of(request), timezone.now()
    if part not in TITLES:
        raise Http404
    found = queries.environment(seen_by=actor, at=at)
    kinds = queries.COMPARTMENTS[part]
    hung = doors.shown(PLACE, actor=actor, at=at, room=part)
    return page(
        request, "ecology/compartment.html",
        {"now": at, "part": part, "title": TITLES[part][0], "icon": TITLES[part][1], "stations": found.compartments[part], "doors": hung,
         "glance": _glance(part, found.compartments[part], hung), "parts": [(name, *words) for name, words in TITLES.items()],
         "episodes": list(sensing.episodes(seen_by=actor).filter(series__station__kind__in=kinds)[:MOST]), "stream": live.stream_url(request, "town")},
        fragment="ecology/_stations.html",
    )  # fmt: skip


def _glance(name: str, part: list[Assessed], hung: list[doors.Shown]) -> Glance:
    title, icon = TITLES[name]
    words, detail = _word_of_the_day(name, part)
    beyond, silent = sum(one.now.is_beyond for one in part), sum(not one.now.is_online for one in part)
    if beyond:
        chip = ("late", ngettext("%(n)d beyond its limit", "%(n)d beyond their limits", beyond) % {"n": beyond}, "triangle-alert")
    elif silent:
        chip = ("stop", ngettext("%(n)d silent", "%(n)d silent", silent) % {"n": silent}, "wifi-off")
    elif part:
        chip = ("ok", _("all report"), "circle-check")
    else:
        said = next((one.told for one in hung if name in one.door.rooms and one.told), None)
        words = (said.figure if said else "") or words
        chip = (said.state, said.words, said.icon) if said else ("open", _("no station yet"), "circle-dot")
    if not part and not detail:
        detail = next((one.door.title for one in hung if name in one.door.rooms), "")
    return Glance(name, title, icon, words, detail, *chip)


def _word_of_the_day(name: str, part: list[Assessed]) -> tuple[Any, Any]:
    """Return the word that stands for a compartment, that of its worst station, and where it comes from."""
    rated = [one for one in part if one.air is not None and one.air.value is not None and one.air.level is not None]
    if rated:
        worst = max(rated, key=lambda one: one.air.value or 0)  # type: ignore[union-attr]
        return worst.air.level.name, _("AQI %(index)s, %(station)s") % {"index": worst.air.value, "station": worst.now.station.label}  # type: ignore[union-attr]
    classed = [one for one in part if one.water is not None and one.water.number is not None]
    if classed:
        worst = max(classed, key=lambda one: one.water.number or 0)  # type: ignore[union-attr]
        return worst.water.name, worst.now.station.label  # type: ignore[union-attr]
    heard = [(one, max(level for level in (one.noise.ld, one.noise.ln) if level is not None)) for one in part
             if one.noise is not None and (one.noise.ld is not None or one.noise.ln is not None)]  # fmt: skip
    if heard:
        loudest, level = max(heard, key=lambda pair: pair[1])
        return f"{level:.1f} dB", loudest.now.station.label
    if part:
        return ngettext("%(n)d station", "%(n)d stations", len(part)) % {"n": len(part)}, ""
    return "—", ""
