"""What supervised units say of their own devices and readings, and what was set aside."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import remember
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing import rules
from gongzhi.management_line.sensing.models import Calibration, Claim, ClaimedReading, Maintenance, SetAside, Station, sees_all
from gongzhi.management_line.sensing.queries.registry import registry_version

LONGEST_WORK = 120  # hours, where the town says nothing: five working days is what HJ 355-2019 gives for mending a fault
MATTERS: dict[str, Any] = {"work": Maintenance, "calibration": Calibration, "readings": Claim}


def longest_work(*, seen_by: Actor) -> int:
    """Return for how many hours at most a device may be worked on at a time (rule `longest_maintenance_hours` of the town)."""
    said = territory.town(seen_by=seen_by).settings.get("longest_maintenance_hours")
    return said if isinstance(said, int) and 1 <= said <= 24 * 90 else LONGEST_WORK


def supervised_stations(*, seen_by: Actor) -> dict[int, int]:
    """Return by station the unit against which its readings are evidence; stations of the town itself are left out."""

    def find() -> dict[int, int]:
        return dict(Station.objects.filter(organ__kind__in=rules.SUPERVISED).values_list("pk", "organ_id"))

    return remember(f"sensing.supervised:{registry_version(seen_by=seen_by)}", find, age=30)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing that a unit proposes, whatever it is about."""

    matter: str
    station: Station
    begins_at: Any
    ends_at: Any
    made_at: datetime
    said: Any  # the window, calibration or claim

    @property
    def is_open(self) -> bool:
        return bool(self.said.is_open)


def proposals(*, seen_by: Actor, open_only: bool = False, most: int = 100) -> list[Proposal]:
    """Return what supervised units have said of their devices and readings, to officers and to those who serve there; what waits first, then the newest."""
    seen = Q() if sees_all(seen_by) else Q(pk__in=Station.objects.filter(organ_id__in=sorted(seen_by.organ_ids)).values("pk"))
    stations = Station.objects.filter(seen).values("pk")
    found: list[Proposal] = []
    for matter, model in MATTERS.items():
        about = "station" if matter == "readings" else "device__station"
        made = {"work": "planned_at", "calibration": "recorded_at", "readings": "made_at"}[matter]
        asked = model.objects.filter(**{f"{about}__in": stations}).select_related(about, f"{about}__organ")
        # what officers entered themselves was never proposed
        asked = asked.filter(state="proposed") if open_only else asked.filter(Q(state="proposed") | Q(decided_at__isnull=False))
        for one in asked.order_by(f"-{made}", "-pk")[:most]:
            station = one.station if matter == "readings" else one.device.station
            begin, end = (one.done_on, None) if matter == "calibration" else (one.begins_at, one.ends_at)
            found.append(Proposal(matter, station, begin, end, getattr(one, made), one))
    return sorted(found, key=lambda one: (not one.is_open, -one.made_at.timestamp()))[:most]


def claims_of(*, seen_by: Actor, station_id: int) -> QuerySet[Claim]:
    """Return what was claimed of a station's readings, the newest first, to staff and to those who serve in its unit."""
    found = Claim.objects.filter(station_id=station_id)
    return (found if sees_all(seen_by) else found.filter(station__organ_id__in=sorted(seen_by.organ_ids))).order_by("-made_at", "-pk")


def claimed_beside(*, seen_by: Actor, claim_ids: Iterable[int], most: int = 6) -> dict[int, list[tuple[ClaimedReading, float | None, str]]]:
    """Return for each claim its first readings, each with the value and mark that count now.

    Whoever asks: the claims given are those that they may see.
    """
    found: dict[int, list[tuple[ClaimedReading, float | None, str]]] = defaultdict(list)
    for claim_id in claim_ids:
        rows = list(ClaimedReading.objects.filter(claim_id=claim_id).select_related("series").order_by("measured_at", "series_id")[:most])
        if not rows:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT u.n, r.value, r.flag::text FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS u(s, m, n) JOIN LATERAL ("
                " SELECT value, flag FROM sensing_reading WHERE town_id = %s AND series_id = u.s AND measured_at = u.m"
                " ORDER BY version DESC LIMIT 1) r ON true",
                [[row.series_id for row in rows], [row.measured_at for row in rows], current_town()],
            )
            now = {number: (value, flag) for number, value, flag in cursor.fetchall()}
        found[claim_id] = [(row, *now.get(number, (None, ""))) for number, row in enumerate(rows, 1)]
    return dict(found)


def set_aside(*, seen_by: Actor) -> QuerySet[SetAside]:
    """Return what the arithmetic of the town leaves out, the newest first, to the town's staff."""
    found = SetAside.objects.select_related("series", "series__station")
    return (found if sees_all(seen_by) else found.none()).order_by("-found_at", "-pk")
