"""What a supervised unit says of readings that are held against it: kept beside them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.sensing.columns import Columns, moment_of
from gongzhi.management_line.sensing.facts import ProposalMade
from gongzhi.management_line.sensing.models import Claim, ClaimedReading

APART = timedelta(days=1)  # claims of one sort that lie further apart are two
MOST_CLAIMED = 100_000  # readings of one claim; beyond it what is sent stands in the bytes of its batch only
MOST_OPEN = 200  # claims of a station that wait at a time; more of them join the newest of their sort


def _claim(by: Actor, at: datetime, rows: Columns, sort: str, stations: Mapping[int, int]) -> int:
    """Keep rows as what a unit claims; `stations`: series → station. The same once more changes nothing. Returns how many are new."""
    if not len(rows):
        return 0
    fresh = 0
    station_ids = np.array([stations[series] for series in rows.series.tolist()], np.int64)
    marks = rows.flags if sort == Claim.Sort.MARK else np.full(len(rows), b"", "S1")
    for station_id, mark in sorted({(int(station), bytes(mark)) for station, mark in zip(station_ids, marks, strict=True)}):
        part = rows.take((station_ids == station_id) & (marks == mark))
        begins, ends = moment_of(part.moments.min()), moment_of(part.moments.max())
        known = set(
            ClaimedReading.objects.filter(series_id__in=np.unique(part.series).tolist(), measured_at__gte=begins, measured_at__lte=ends)
            .values_list("series_id", "measured_at", "value", "flag")
        )  # fmt: skip
        given = [
            (int(series), moment_of(moment), moment_of(received), float(value), bytes(flag).decode("ascii", "replace") or "-")
            for series, moment, received, value, flag in zip(part.series, part.moments, part.received, part.values, part.flags, strict=True)
        ]
        given = [one for one in given if (one[0], one[1], one[3], one[4]) not in known]
        if not given:
            continue
        open_ones = Claim.objects.select_for_update().filter(station_id=station_id, sort=sort, mark=mark.decode("ascii", "replace"), state=Claim.State.PROPOSED)
        claim = open_ones.filter(begins_at__lte=ends + APART, ends_at__gte=begins - APART).order_by("-pk").first()
        if claim is None and open_ones.count() >= MOST_OPEN:
            claim = open_ones.order_by("-pk").first()
        if claim is not None and claim.count >= MOST_CLAIMED:
            continue
        if claim is None:
            claim = Claim.objects.create(
                town_id=current_town(), station_id=station_id, sort=sort, mark=mark.decode("ascii", "replace"), begins_at=begins, ends_at=ends, made_at=at,
                made_by=by.ref, state=Claim.State.PROPOSED,
            )  # fmt: skip
            record(ProposalMade(subject=ref(claim), matter=Claim.MATTER, station_id=station_id))
        ClaimedReading.objects.bulk_create(
            [
                ClaimedReading(town_id=current_town(), claim=claim, series_id=series, measured_at=moment, received_at=received, value=value, flag=flag)
                for series, moment, received, value, flag in given
            ],
            batch_size=2_000, ignore_conflicts=True,
        )  # fmt: skip
        claim.begins_at, claim.ends_at, claim.count = min(claim.begins_at, begins), max(claim.ends_at, ends), claim.count + len(given)
        claim.save(update_fields=["begins_at", "ends_at", "count"])
        fresh += len(given)
    return fresh


def _claimed(claim: Claim) -> Columns:
    """Return what was claimed, by column."""
    rows: list[Any] = list(claim.readings.order_by("series_id", "measured_at", "pk").values_list("series_id", "measured_at", "received_at", "value", "flag"))

    def moments(place: int) -> NDArray[np.int64]:
        return np.array([row[place].replace(tzinfo=None) for row in rows], "datetime64[us]").astype(np.int64)

    return Columns(
        np.array([row[0] for row in rows], np.int64), moments(1), moments(2), np.array([row[3] for row in rows], np.float64),
        np.array([row[4].encode() for row in rows], "S1"), np.arange(len(rows), dtype=np.int32),
    )  # fmt: skip
