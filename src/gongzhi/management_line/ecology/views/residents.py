"""Air and water for residents: how it is now, what it means for me, how the day went. The same for everybody, signed in or not."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from gongzhi.kernel import live
from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.web import page
from gongzhi.management_line.ecology import queries
from gongzhi.management_line.ecology.queries import ForResidents

# HJ 633 table 2, what each level means for health and what is advised, in plain words
ADVICE: dict[int, tuple[Any, Any]] = {
    1: (_("The air is clean."), _("Everybody can be outside as they like.")),
    2: (_("The air is fine for nearly everybody."), _("Very few, unusually sensitive people should be outside less.")),
    3: (_("Sensitive people may feel it."), _("Children, older people and those with heart or lung trouble: no long exertion outside.")),
    4: (_("It may trouble heart and lungs."), _("Children, older people and the sick stay in; everybody else is outside less.")),
    5: (_("Everybody feels it, the sick most of all."), _("Children, older people and the sick stay indoors; nobody exerts themselves outside.")),
    6: (_("It makes healthy people ill."), _("Stay indoors and close the windows; do not exert yourself.")),
}
# GB 3838 clause 3: what waters of a class are for
WATERS: dict[int, tuple[Any, Any]] = {
    1: (_("Very clean"), _("As clean as springs and nature reserves.")),
    2: (_("Clean"), _("Good enough for drinking-water sources and rare fish. Do not drink it untreated.")),
    3: (_("Fairly clean"), _("Good enough for fish and for swimming, where swimming is allowed.")),
    4: (_("Polluted"), _("For industry and boats only; do not swim in it.")),
    5: (_("Badly polluted"), _("For fields and scenery only; keep away from the water.")),
    6: (_("Very badly polluted"), _("Fit for no use; keep away from the water and report what you see.")),
}
TRENDS: dict[str, tuple[Any, str]] = {
    "better": (_("getting better"), "arrow-down"), "worse": (_("getting worse"), "arrow-up"), "same": (_("stays as it is"), "minus"),
}  # fmt: skip
TALL = 40  # of the bars of the day, in their own units


@require_GET
def air_and_water(request: HttpRequest) -> HttpResponse:
    """Tell residents how the air and the water are."""
    at = timezone.now()
    airs, waters = queries.for_residents(seen_by=ANYONE, at=at)
    return page(
        request, "ecology/residents.html",
        {
            "now": at, "airs": [_air(one) for one in airs], "stream": live.stream_url(request, "town"),
            "waters": [(one, *WATERS[one.found.water.number]) if one.found.water and one.found.water.number else (one, None, None) for one in waters],
        },
        fragment="ecology/_residents.html",
    )  # fmt: skip


def _air(one: ForResidents) -> dict[str, Any]:
    last = one.last
    means, advice = ADVICE[last.level.number] if last else (None, None)
    top = max((hour.value for hour in one.hours if hour.value is not None), default=0)
    scale = max(100, top)
    bars = [
        {"at": hour.at, "value": hour.value, "level": hour.level, "x": place * 10, "height": round(TALL * hour.value / scale, 1) if hour.value else 0,
         "y": round(TALL - TALL * hour.value / scale, 1) if hour.value else TALL}
        for place, hour in enumerate(one.hours)
    ]  # fmt: skip
    trend, icon = TRENDS.get(one.trend, (None, ""))
    return {"one": one, "last": last, "means": means, "advice": advice, "bars": bars, "trend": trend, "trend_icon": icon, "top": top}
