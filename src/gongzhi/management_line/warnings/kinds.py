"""The causes that this module brings to sensing's episodes, and the sentences by which each says what it found."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.sensing import factors
from gongzhi.management_line.sensing.causes import Cause, register
from gongzhi.management_line.warnings.models import WarningRule


def _value(said: Mapping[str, Any], name: str) -> str:
    """Return a kept value as it is worth showing, with the unit of the series."""
    value = said.get(name)
    return "—" if value is None else f"{value:.{max(factors.decimals(said['factor']), 0)}f} {said['series_unit']}".strip()


def _rate(said: Mapping[str, Any]) -> str:
    return _now("%(factor)s went from %(from)s to %(to)s within %(minutes)d minutes, %(change)s an hour; more than %(limit)s an hour is too fast.") % {
        "factor": factors.label(said["factor"]), "from": _value(said, "from"), "to": _value(said, "to"), "minutes": said["minutes"],
        "change": f"{said['change']:+.3g} {said['series_unit']}".strip(), "limit": f"{said['limit']:g} {said['series_unit']}".strip(),
    }  # fmt: skip


def _silence(said: Mapping[str, Any]) -> str:
    return _now("The device has not been heard for %(minutes)d minutes. It should report every %(seconds)d seconds, and no work on it is announced.") % {
        "minutes": said["minutes"], "seconds": said["seconds"],
    }  # fmt: skip


def _frozen(said: Mapping[str, Any]) -> str:
    return _now("%(factor)s has stood at %(value)s for %(minutes)d minutes, %(n)d readings in a row. It should vary.") % {
        "factor": factors.label(said["factor"]), "value": _value(said, "value"), "minutes": said["minutes"], "n": said["n"],
    }  # fmt: skip


def _neighbours(said: Mapping[str, Any]) -> str:
    if not said.get("how"):
        return _now("It agrees with its neighbours again.")
    named = said["other_en"] if (get_language() or "").startswith("en") else said["other"]
    given = {
        "factor": factors.label(said["factor"]), "other": named or _now("a station nearby"), "hours": said["hours"], "difference": _value(said, "difference"),
        "usual": _value(said, "usual"), "scatters": f"{said['scatters']:.1f}",
    }  # fmt: skip
    words = {
        "upstream": _("%(factor)s differs from the water upstream (%(other)s, %(hours)d hours before) by %(difference)s; usual is %(usual)s."
                      " That is %(scatters)s times the usual scatter: look for a source between the two."),
        "upwind": _("%(factor)s differs from %(other)s, which lies upwind, by %(difference)s; usual is %(usual)s. That is %(scatters)s times the usual scatter:"
                    " look for a source between the two."),
        "near": _("%(factor)s differs from %(other)s by %(difference)s; usual is %(usual)s. That is %(scatters)s times the usual scatter:"
                  " look at the device, and at what is near the station."),
    }  # fmt: skip
    return str(words[said["how"]]) % given


def _forecast(said: Mapping[str, Any]) -> str:
    if said.get("hours") is None:
        return _now("The forecast keeps the limit again.")
    given = {"factor": factors.label(said["factor"]), "peak": _value(said, "peak"), "limit": _value(said, "limit"), "n": said["hours"]}
    words = ngettext(
        "%(factor)s is foreseen to pass %(limit)s in %(n)d hour and to reach %(peak)s.",
        "%(factor)s is foreseen to pass %(limit)s in %(n)d hours and to reach %(peak)s.", said["hours"],
    ) % given  # fmt: skip
    if said.get("hit_rate") is None:
        return words
    tested = _now("In its backtest this forecast saw %(percent)d%% of such passings ahead, with %(false).1f false alarms a week.") % {
        "percent": round(100 * said["hit_rate"]), "false": said["false_alarms"],
    }  # fmt: skip
    return f"{words} {tested}"


HOUR, READ = _("Hour"), _("Measured at")
for code, say, heads in (
    ("rate", _rate, (READ, _("Value"))), ("silence", _silence, (HOUR, _("Readings that came"))), ("frozen", _frozen, (READ, _("Value"))),
    ("neighbours", _neighbours, (HOUR, _("Here"), _("There"), _("Difference"))), ("forecast", _forecast, (HOUR, _("Foreseen"), _("Band from"), _("Band to"))),
):  # fmt: skip
    title, icon, _text = WarningRule.CAUSE_WORDS[code]
    register(Cause(code=code, title=title, icon=icon, say=say, heads=heads))
