"""The shape of what people type into the ledgers."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.management_line.wastes.models import Booking, Plot

Choices = Sequence[tuple[Any, Any]]
_VALUE = re.compile(r"([A-Za-z0-9]{1,12})[\s,:=，：]+([0-9]+(?:\.[0-9]+)?)")


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


def _tonnes(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=14, decimal_places=4, **more)


class LedgerForm(forms.Form):
    """The ledger of one waste."""

    organ = forms.TypedChoiceField(label=_("Firm"), coerce=int)
    is_hazardous = forms.BooleanField(label=_("Hazardous waste"), required=False)
    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("hazardous waste after the national list, such as HW49 900-041-49; else the firm's own code")
    )
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    store = forms.CharField(label=_("Where it is stored"), max_length=120, required=False)
    opened_on = _day(_("The ledger begins on"))
    opening = _tonnes(_("In stock on that day, tonnes"), min_value=0)
    tolerance = forms.DecimalField(label=_("Weighing tolerance, tonnes"), min_value=0, max_digits=8, decimal_places=4, initial=Decimal("0.005"))
    approved_until = _day(_("Approval to store longer than a year ends on"), required=False)

    def __init__(self, firms: Choices, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["organ"].choices = firms  # type: ignore[attr-defined]


class BookingForm(forms.Form):
    """A line of a ledger."""

    kind = forms.ChoiceField(label=_("What happened?"), choices=[(code, words[0]) for code, words in Booking.WORDS.items()])
    on = _day(_("Day"))
    amount = _tonnes(_("Tonnes"), min_value=Decimal("0.0001"))
    manifest = forms.CharField(
        label=_("Transfer manifest"), max_length=40, required=False, help_text=_("for hazardous waste that moves, with carrier and receiver")
    )
    carrier = forms.CharField(label=_("Carrier"), max_length=80, required=False)
    partner = forms.CharField(label=_("Receiver, or whom it came from"), max_length=80, required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class CountForm(forms.Form):
    """A weighed stock."""

    on = _day(_("Day"))
    weighed = _tonnes(_("Weighed, tonnes"), min_value=0)
    explanation = forms.CharField(label=_("Explanation of a difference"), max_length=400, required=False)


class StrikeForm(forms.Form):
    """Why a line is struck."""

    reason = forms.CharField(label=_("Why is the line wrong?"), max_length=200)


class PlotForm(forms.Form):
    """A plot."""

    code = forms.SlugField(label=_("Short name in addresses"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    use = forms.ChoiceField(label=_("What is the ground used for?"), choices=list(Plot.USE_WORDS.items()))
    organ = forms.TypedChoiceField(label=_("Firm that uses it"), coerce=int, empty_value=None, required=False)
    hectares = forms.DecimalField(label=_("Hectares"), min_value=0, max_digits=10, decimal_places=3, required=False)
    longitude = forms.FloatField(label=_("Longitude (WGS 84)"), min_value=-180, max_value=180)
    latitude = forms.FloatField(label=_("Latitude (WGS 84)"), min_value=-90, max_value=90)

    def __init__(self, firms: Choices, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["organ"].choices = [("", _("none")), *firms]  # type: ignore[attr-defined]


class SampleForm(forms.Form):
    """A soil sample with its values."""

    number = forms.CharField(label=_("Number of the sample"), max_length=40)
    taken_on = _day(_("Taken on"))
    depth = forms.CharField(label=_("Depth in cm"), max_length=20, required=False, help_text=_("such as 0–20"))
    ph = forms.FloatField(label=_("pH of the soil"), min_value=0, max_value=14, required=False, help_text=_("needed for farm land: its limits go by pH"))
    laboratory = forms.CharField(label=_("Laboratory"), max_length=80, required=False)
    values = forms.CharField(
        label=_("Values in mg/kg, a line each"),
        widget=forms.Textarea({"rows": 5}),
        help_text=_("item and value, such as Cd 0.21; items are As Cd Cr Cr6 Cu Hg Ni Pb petroleum"),
    )

    def clean_values(self) -> dict[str, float]:
        """Return item → mg/kg."""
        found: dict[str, float] = {}
        for number, line in enumerate(self.cleaned_data["values"].splitlines(), 1):
            if not line.strip():
                continue
            parts = _VALUE.fullmatch(line.strip())
            if parts is None or parts[1] in found:
                raise ValidationError(_("Line %(number)d: write an item and its value, such as Cd 0.21, each item once."), params={"number": number})
            found[parts[1]] = float(parts[2])
        return found
