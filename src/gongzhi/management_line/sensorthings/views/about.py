"""Where the interface is, what it offers, and how a program is connected."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from gongzhi.kernel.actors import CLOCK
from gongzhi.kernel.web import actor_of, page
from gongzhi.management_line.sensorthings import operations, queries
from gongzhi.management_line.sensorthings.views.interface import ROOT

# what each set is here
MEANT: dict[str, tuple[Any, str]] = {
    "Things": (_("Stations"), "radio-tower"),
    "Locations": (_("Where they stand"), "map-pin"),
    "HistoricalLocations": (_("Where they stood before"), "history"),
    "Datastreams": (_("What each station measures"), "activity"),
    "Sensors": (_("With what it is measured"), "gauge"),
    "ObservedProperties": (_("What can be measured"), "tag"),
    "Observations": (_("Readings, the newest version of each"), "database"),
    "FeaturesOfInterest": (_("What the readings are about"), "target"),
}

TRIES: tuple[tuple[Any, str, dict[str, str]], ...] = (
    (_("The newest reading of everything"), "Datastreams", {
        "$select": "name,unitOfMeasurement", "$expand": "Observations($select=phenomenonTime,result;$orderby=phenomenonTime desc;$top=1)",
    }),
    (_("Stations of air with their places"), "Things", {"$filter": "properties/kind eq 'air'", "$expand": "Locations($select=location)"}),
    (_("Readings that are marked as faulty"), "Observations", {"$filter": "resultQuality eq 'D'", "$orderby": "phenomenonTime desc", "$top": "20"}),
    (_("The last hundred readings as a table"), "Observations", {"$resultFormat": "dataArray", "$orderby": "phenomenonTime desc"}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Try:
    """A question to try: what it asks, how it is written, where it leads."""

    title: Any
    written: str
    url: str


def _written(asked: dict[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items())


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Show the interface's address, its sets with how much is in each, questions to try, and how to send readings."""
    actor, at = actor_of(request), timezone.now()
    if queries.is_undescribed(seen_by=CLOCK):
        operations.describe_new(by=CLOCK, at=at)
    sizes = queries.sizes(seen_by=actor, at=at)
    return page(
        request, "sensorthings/about.html",
        {
            "now": at, "address": request.build_absolute_uri(ROOT), "root": ROOT,
            "sets": [(name, words, icon, sizes.get(name)) for name, (words, icon) in MEANT.items()],
            "tries": [Try(title, f"{of}?{_written(asked)}", f"{ROOT}/{of}?{urlencode(asked)}") for title, of, asked in TRIES],
        },
    )  # fmt: skip
