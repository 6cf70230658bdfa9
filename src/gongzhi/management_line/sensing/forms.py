"""The shape of what people type about stations, devices and limits."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.management_line.sensing.models import DeviceRequest, LimitRule, Station

_LINE = re.compile(r"([A-Za-z0-9_]{1,40})(?:[\s,;:=]+(\S.*))?")


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(label=label, widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"), **more)


class StationForm(forms.Form):
    """A new station."""

    code = forms.SlugField(label=_("Short name in addresses"), max_length=40, help_text=_("letters, digits and hyphens, such as east-outlet"))
    name = forms.CharField(label=_("Name of the station"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("What does it measure?"), choices=[(kind, words[0]) for kind, words in Station.WORDS.items()])
    longitude = forms.FloatField(label=_("Longitude (WGS 84)"), min_value=-180, max_value=180, required=False)
    latitude = forms.FloatField(label=_("Latitude (WGS 84)"), min_value=-90, max_value=90, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    organ = forms.TypedChoiceField(
        label=_("Who answers for it"), required=False, coerce=int, empty_value=None, help_text=_("the firm whose outlet it is, or the unit that runs it")
    )
    flows_to = forms.ChoiceField(label=_("Water flows on to"), required=False, help_text=_("the next monitoring point downstream"))
    flow_hours = forms.FloatField(label=_("Hours the water usually takes to it"), min_value=0, max_value=1000, required=False)
    is_public = forms.BooleanField(label=_("Everybody may see it"), required=False, initial=True)

    def __init__(self, points: list[tuple[str, str]], organs: list[tuple[int, str]], *given: Any, **more: Any) -> None:
        """Offer these points of water, (code, label), to flow on to, and these organs to answer for it."""
        super().__init__(*given, **more)
        self.fields["organ"].choices = [("", _("nobody named")), *organs]  # type: ignore[attr-defined]
        self.fields["flows_to"].choices = [("", _("nowhere that is measured")), *points]  # type: ignore[attr-defined]


class StationCloseForm(forms.Form):
    """That a station measures no more."""

    reason = forms.CharField(label=_("Why is it closed?"), max_length=200, help_text=_("everybody who may see the station can read it"))
    since = _moment(_("Closed since"), required=False, help_text=_("leave it empty to close it now"))


class DeviceForm(forms.Form):
    """A new logger of a station."""

    station = forms.ChoiceField(label=_("Station"))
    mn = forms.RegexField(r"^[0-9A-Za-z]{4,40}$", label=_("MN, its name on the wire"), help_text=_("24 hex digits after HJ 212-2017, 14 characters after 2005"))
    password = forms.CharField(label=_("Password (PW)"), min_length=4, max_length=40, strip=False, widget=forms.TextInput({"autocomplete": "off"}))
    report_seconds = forms.IntegerField(label=_("Seconds between two reports"), min_value=1, max_value=86_400, initial=60)
    series = forms.CharField(
        label=_("What it reports"), required=False, widget=forms.Textarea({"rows": 5}),
        help_text=_("a line each: factor code and unit, such as w01018 mg/L; what is not listed is found when it first reports"),
    )  # fmt: skip

    def __init__(self, stations: list[tuple[str, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["station"].choices = stations  # type: ignore[attr-defined]

    def clean_series(self) -> dict[str, str]:
        """Return factor → unit."""
        found = {}
        for number, line in enumerate(self.cleaned_data["series"].splitlines(), 1):
            if not line.strip():
                continue
            parts = _LINE.fullmatch(line.strip())
            if parts is None or len(parts[2] or "") > 20:
                raise ValidationError(_("Line %(number)d: write a factor code and its unit, such as w01018 mg/L."), params={"number": number})
            found[parts[1]] = (parts[2] or "").strip()
        return found


class LimitForm(forms.Form):
    """A limit of a station."""

    series = forms.ChoiceField(label=_("Of what?"))
    comparator = forms.ChoiceField(label=_("An alarm begins when it is"), choices=[("above", _("above the limit")), ("below", _("below the limit"))])
    limit = forms.FloatField(label=_("Limit, in the unit of the series"))
    return_difference = forms.FloatField(label=_("Clean again only this far inside the limit"), min_value=0, initial=0)
    count = forms.IntegerField(label=_("Readings in a row that begin an alarm"), min_value=1, max_value=100, initial=3)
    duration_minutes = forms.IntegerField(label=_("And for at least how many minutes?"), min_value=0, max_value=1440, initial=0)
    clean_count = forms.IntegerField(label=_("Clean readings in a row that end it"), min_value=1, max_value=100, initial=3)
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=[(2, _("serious")), (1, _("ordinary")), (3, _("grave")), (4, _("emergency"))])
    clause = forms.CharField(label=_("Standard and clause"), max_length=200)
    valid_from = forms.DateField(label=_("In force from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, series: list[tuple[str, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["series"].choices = series  # type: ignore[attr-defined]

    def clean_comparator(self) -> str:
        return LimitRule.Comparator(self.cleaned_data["comparator"]).value


class LimitEndForm(forms.Form):
    """When a limit ends."""

    on = forms.DateField(
        label=_("First day on which it holds no more"), help_text=_("what it has judged stays judged"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


class AskForm(forms.Form):
    """What a device is asked for."""

    command = forms.ChoiceField(label=_("Ask the device to"), choices=[(number, words) for number, words in DeviceRequest.WORDS.items()])
    begins_at = _moment(_("From"), required=False)
    ends_at = _moment(_("To"), required=False)


class MaintenanceForm(forms.Form):
    """A time in which a device is worked on."""

    begins_at = _moment(_("From"))
    ends_at = _moment(_("To"))
    reason = forms.CharField(label=_("What is done?"), max_length=200)


class CalibrationForm(forms.Form):
    """A comparison with a reference."""

    factor = forms.ChoiceField(label=_("Of what?"))
    done_on = forms.DateField(label=_("Done on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    reference = forms.FloatField(label=_("Value of the reference"))
    found = forms.FloatField(label=_("What the device showed"))
    passed = forms.BooleanField(label=_("It passed"), required=False)
    next_due_on = forms.DateField(label=_("Next due on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, factors: list[tuple[str, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["factor"].choices = factors  # type: ignore[attr-defined]


class PasswordForm(forms.Form):
    """Another password for a device."""

    password = forms.CharField(label=_("New password (PW)"), min_length=4, max_length=40, strip=False, widget=forms.TextInput({"autocomplete": "off"}))


class DecisionForm(forms.Form):
    """What an officer says to what a unit proposes."""

    answer = forms.CharField(label=_("Why is it not confirmed?"), max_length=200, required=False, help_text=_("only where you decline; the unit reads it"))
