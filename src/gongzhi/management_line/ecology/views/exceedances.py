"""The register of stretches beyond a limit."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from gongzhi.kernel.web import actor_of, csv_answer, page
from gongzhi.management_line.sensing import queries as sensing

MOST = 200


@require_GET
def exceedances(request: HttpRequest) -> HttpResponse:
    """List every stretch beyond a limit, newest first."""
    actor, at = actor_of(request), timezone.now()
    open_only = request.GET.get("open") == "1"
    found = sensing.episodes(seen_by=actor, open_only=open_only)
    return page(
        request, "ecology/exceedances.html",
        {"now": at, "episodes": list(found[:MOST]), "total": found.count(), "open_only": open_only, "most": MOST},
    )


@require_GET
def exceedances_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Give the register as CSV, streamed."""
    found = sensing.episodes(seen_by=actor_of(request))

    def rows() -> Iterator[Sequence[Any]]:
        yield [_("station"), _("factor"), _("began at"), _("back within the limit"), _("peak"), _("unit"), _("limit"), _("standard"), _("case")]
        for episode in found.iterator(chunk_size=500):
            yield [
                episode.station.code, episode.label, episode.began_at.isoformat(), episode.clean_at.isoformat() if episode.clean_at else "",
                episode.peak, episode.unit, episode.limit, episode.clause, episode.case.number if episode.case else "",
            ]  # fmt: skip

    return csv_answer("exceedances.csv", rows(), marked=True)
