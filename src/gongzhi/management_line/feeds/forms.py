"""Forms by which feeds are set up; shape only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.management_line.feeds import definitions
from gongzhi.management_line.feeds.mapping import BadMapping
from gongzhi.management_line.feeds.recipe import tidy
from gongzhi.management_line.feeds.topics import filter_fault

_OFF = {"autocomplete": "off", "spellcheck": "false"}


class FeedForm(forms.Form):
    """A feed: its broker and what it subscribes to. A new one also has its short name and its credentials."""

    code = forms.SlugField(label=_("Short name in addresses"), max_length=40, help_text=_("letters, digits and hyphens, such as iot-cloud"))
    name = forms.CharField(label=_("Name of the feed"), max_length=80)
    host = forms.CharField(label=_("Broker: host name or address"), max_length=200, widget=forms.TextInput(_OFF))
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535, initial=1883, help_text=_("usually 1883, with TLS 8883"))
    tls = forms.BooleanField(label=_("Encrypted (TLS); the broker's certificate is checked"), required=False)
    authority = forms.CharField(
        label=_("The broker's own certificate authority"), required=False, strip=False, max_length=20_000, widget=forms.Textarea({"rows": 3, **_OFF}),
        help_text=_("PEM, only where the broker's certificate was not issued by a public authority"),
    )  # fmt: skip
    username = forms.CharField(label=_("User name at the broker"), max_length=120, required=False, widget=forms.TextInput(_OFF))
    password = forms.CharField(
        label=_("Password at the broker"), max_length=200, required=False, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("kept sealed; nobody can read it here again"),
    )  # fmt: skip
    topic = forms.CharField(
        label=_("Topics"), max_length=8_000, widget=forms.Textarea({"rows": 3, **_OFF}),
        help_text=_("a filter on each line, such as town/iot/+/up; + is one level, # all that follow"),
    )  # fmt: skip
    qos = forms.TypedChoiceField(
        label=_("Delivery"), coerce=int, initial=1,
        choices=[(1, _("at least once: what was not kept comes again (QoS 1)")), (0, _("at most once: what we miss is lost (QoS 0)"))],
    )  # fmt: skip
    session_hours = forms.IntegerField(
        label=_("Hours that the broker keeps messages for us while we are away"), min_value=0, max_value=720, initial=24,
    )  # fmt: skip

    def __init__(self, *given: Any, is_new: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not is_new:
            for name in ("code", "username"):
                del self.fields[name]
            self.fields["password"].help_text = _("Only where the broker becomes another: the password that is kept goes to no other.")

    def clean_topic(self) -> str:
        """Return the filters, one a line; each must be one."""
        found = [line.strip() for line in self.cleaned_data["topic"].splitlines() if line.strip()]
        for line in found:
            if fault := filter_fault(line):
                raise ValidationError(f"{line}: {fault}")
        return "\n".join(found)

    def clean(self) -> dict[str, Any]:
        """Return what define_feed takes."""
        given = super().clean() or {}
        if "code" not in self.fields:
            given["password"] = given.get("password") or None
        if "session_hours" in given:
            given["session_seconds"] = given.pop("session_hours") * 3600
        return given


class PasswordForm(forms.Form):
    """Another name and password at the broker."""

    username = forms.CharField(label=_("User name at the broker"), max_length=120, required=False, widget=forms.TextInput(_OFF))
    password = forms.CharField(
        label=_("New password at the broker"), max_length=200, required=False, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("empty: connect without a password"),
    )  # fmt: skip


class MappingForm(forms.Form):
    """A feed's mappings as YAML, and a message to try them on."""

    definitions = forms.CharField(
        label=_("Mappings"), strip=False, max_length=definitions.MOST_TEXT, widget=forms.Textarea({"rows": 18, "class": "mono", **_OFF}),
        help_text=_("a list in YAML; the first whose topic fits is used"),
    )  # fmt: skip
    topic = forms.CharField(label=_("Topic of a message"), max_length=1_000, required=False, widget=forms.TextInput({"class": "mono", **_OFF}))
    payload = forms.CharField(
        label=_("Its payload"), required=False, strip=False, max_length=1_000_000, widget=forms.Textarea({"rows": 6, "class": "mono", **_OFF}),
    )  # fmt: skip

    def __init__(self, *given: Any, act: str = "", **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["topic"].required = act != "save"

    def clean_definitions(self) -> list[dict[str, Any]]:
        """Return the definitions that the text holds."""
        try:
            return definitions.read(self.cleaned_data["definitions"])
        except BadMapping as error:
            raise ValidationError([f"{why}" for _name, why in error.faults]) from error


# ---- files ----------------------------------------------------------------------------------------------------------
MOST_FILE = 1_000_000_000
MOST_COLUMNS = 100
ROLES = (
    ("", _("leave out")), ("time", _("time (or a part of it)")), ("station", _("station")), ("reading", _("readings of one factor")),
    ("factor", _("names of factors")), ("value", _("values")), ("unit", _("units")), ("flag", _("data marks")),
)  # fmt: skip
AGGREGATES = (
    ("rtd", _("single measurements")), ("minute.avg", _("means of minutes")), ("hour.avg", _("means of hours")), ("day.avg", _("means of days")),
)  # fmt: skip
MARKS = (("begin", _("the beginning of the hour or day")), ("end", _("the end of the hour or day")))
BELOW = (
    ("half", _("half of the limit")), ("limit", _("the limit")), ("zero", _("zero")), ("refuse", _("refuse such values")),
)  # fmt: skip
UNKNOWN = (("define", _("set up what is measured anew")), ("refuse", _("refuse")))
_FIELD_WORDS = {"time": _("Time"), "station": _("Station"), "values": _("Readings"), "factor": _("Factor"), "value": _("Value")}


def field_word(name: str) -> str:
    """Return how a field of a recipe is called on the page."""
    return str(_FIELD_WORDS.get(name.split(".")[0], name))


class FileForm(forms.Form):
    """A file of readings."""

    file = forms.FileField(
        label=_("CSV or XLSX file"), widget=forms.ClearableFileInput({"accept": ".csv,.txt,.tsv,.xlsx"}),
        help_text=_("with the names of the columns in a row above the values; UTF-8 or GB18030; up to 1 GB"),
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Return the file; it must not be too large."""
        sent = self.cleaned_data["file"]
        if sent.size > MOST_FILE:
            raise ValidationError(_("The file is larger than 1 GB; bring it in parts."))
        return sent


@dataclass(slots=True)
class Column:
    """A column of the file as the form shows it."""

    place: int
    name: str
    samples: list[str]
    role: str
    factor: str
    unit: str


class RecipeForm:
    """What each column means, by select boxes; `definition()` gives the recipe. What it does not show of `base` is kept."""

    def __init__(self, names: Sequence[str], base: Mapping[str, Any], stations: Sequence[tuple[str, str]], posted: Any = None) -> None:
        self.names, self.base, self.stations, self.posted = list(names), dict(base), list(stations), posted
        self.roles, self.aggregates, self.marks, self.below_words, self.unknown_words = ROLES, AGGREGATES, MARKS, BELOW, UNKNOWN

    def _given(self, name: str, otherwise: str) -> str:
        return str(self.posted.get(name, "")).strip()[:200] if self.posted is not None else otherwise

    def columns(self, rows: Sequence[tuple[int, Sequence[Any]]], header: int, most: int) -> list[Column]:
        """Return the columns with some of their cells and what they are taken for."""
        body = [cells for number, cells in rows if number > header]
        times = self.base.get("time") or []
        times = [times] if isinstance(times, str) else times
        readings = {tidy(one["column"]): one for one in self.base.get("values") or () if isinstance(one, Mapping) and one.get("column")}
        found = []
        for place, name in enumerate(self.names):
            role = "time" if name in map(tidy, times) else "reading" if name in readings else ""
            role = role or next((key for key in ("station", "factor", "value", "unit", "flag") if tidy(self.base.get(key)) == name), "")
            reading = readings.get(name, {})
            samples = [text for cells in body if place < len(cells) and (text := tidy(cells[place]))][:most]
            found.append(
                Column(place, name, samples[:3], self._given(f"role-{place}", role), self._given(f"factor-{place}", reading.get("factor", "")),
                       self._given(f"unit-{place}", reading.get("unit", "")))
            )  # fmt: skip
        return found

    @property
    def fixed_station(self) -> str:
        station = str(self.base.get("station") or "")
        return self._given("fixed_station", station[1:] if station.startswith("=") else "")

    @property
    def aggregate(self) -> str:
        first = next((one.get("aggregate") for one in self.base.get("values") or () if one.get("aggregate")), "")
        return self._given("aggregate", first or str(self.base.get("aggregate") or "rtd").removeprefix("="))

    @property
    def marks_now(self) -> str:
        return self._given("marks", str(self.base.get("marks") or "begin"))

    @property
    def below_now(self) -> str:
        return self._given("below", str(self.base.get("below") or "half"))

    @property
    def unknown_now(self) -> str:
        return self._given("unknown_series", str(self.base.get("unknown_series") or "define"))

    def unknown(self, names: Mapping[str, int]) -> list[tuple[str, int, str]]:
        """Return the file's stations that are not known: name, how often, and which of ours is meant where that was said."""
        return [(name, n, "") for name, n in sorted(names.items(), key=lambda one: -one[1])[:50]]

    def definition(self) -> dict[str, Any]:
        """Return the recipe that was sent."""
        found: dict[str, Any] = {key: self.base[key] for key in ("sheet", "header", "factors", "units", "flags", "missing", "stations") if self.base.get(key)}
        roles: dict[str, list[int]] = {}
        for place in range(len(self.names)):
            roles.setdefault(self._given(f"role-{place}", ""), []).append(place)
        times = [self.names[place] for place in roles.get("time", ())]
        found["time"] = times if len(times) > 1 else times[0] if times else ""
        for key in ("station", "factor", "value", "unit", "flag"):
            if roles.get(key):
                found[key] = self.names[roles[key][0]]
        if not roles.get("station") and self.fixed_station:
            found["station"] = f"={self.fixed_station}"
        before = {tidy(one["column"]): one for one in self.base.get("values") or () if isinstance(one, Mapping) and one.get("column")}
        readings = [
            {key: value for key, value in before.get(self.names[place], {}).items() if key in ("aggregate", "flag")}
            | {"column": self.names[place], "factor": self._given(f"factor-{place}", ""), "unit": self._given(f"unit-{place}", "")}
            for place in roles.get("reading", ())
        ]  # fmt: skip
        if readings:
            found["values"] = readings
        if self.aggregate != "rtd":
            found["aggregate"] = f"={self.aggregate}"
        found |= {"marks": self.marks_now, "below": self.below_now, "unknown_series": self.unknown_now}
        theirs, ours = (self.posted.getlist(name) if self.posted is not None else [] for name in ("theirs", "ours"))
        table = {one: other for one, other in zip(theirs, ours, strict=False) if one and other}
        if table:
            found["stations"] = {**(found.get("stations") or {}), **table}
        return found
