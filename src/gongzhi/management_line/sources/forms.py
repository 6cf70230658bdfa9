"""The shape of what people type into the registers; nothing is decided here."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.kernel import numbers
from gongzhi.management_line.sources.models import Outlet, SensitivePlace, Source
from gongzhi.management_line.sources.operations import AmountLine, LimitLine

Choices = Sequence[tuple[Any, Any]]


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


def _choose(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


class PlaceMixin(forms.Form):
    """A place on the ground."""

    longitude = forms.FloatField(label=_("Longitude (WGS 84)"), min_value=-180, max_value=180)
    latitude = forms.FloatField(label=_("Latitude (WGS 84)"), min_value=-90, max_value=90)


class SourceForm(PlaceMixin):
    """A pollution source."""

    code = forms.SlugField(label=_("Short name in addresses"), max_length=40, help_text=_("letters, digits and hyphens, such as east-dyeing"))
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    organ = forms.TypedChoiceField(label=_("Firm"), coerce=int)
    industry_code = forms.RegexField(r"^[A-T]?[0-9]{2,4}$", label=_("Industry code"), help_text=_("of GB/T 4754, such as 1713"))
    industry = forms.CharField(label=_("Industry"), max_length=80)
    level = forms.ChoiceField(label=_("How it is managed"), choices=list(Source.LEVEL_WORDS.items()))
    address = forms.CharField(label=_("Address of the site"), max_length=200, required=False)

    field_order = ["code", "name", "name_en", "organ", "industry_code", "industry", "level", "address", "longitude", "latitude"]

    def __init__(self, firms: Choices, *given: Any, fixed: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "organ", firms)
        if fixed:
            del self.fields["code"]


class OutletForm(PlaceMixin):
    """An outlet of a source."""

    code = forms.RegexField(r"^D[AW][0-9]{3}$", label=_("Code"), help_text=_("DA001 for waste gas, DW001 for waste water (HJ 608)"))
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    height = forms.FloatField(label=_("Height of the stack in metres"), min_value=0, max_value=400, required=False)
    receiving_water = forms.CharField(label=_("Water that receives it"), max_length=80, required=False)
    station = forms.TypedChoiceField(label=_("Station that measures it"), coerce=int, empty_value=None, required=False)
    downstream = forms.TypedChoiceField(
        label=_("Next river station downstream"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("only where no station measures the outlet; a measured outlet knows its way by its station"),
    )
    downstream_hours = forms.FloatField(label=_("Hours the water takes to it"), min_value=0, max_value=1000, required=False)

    field_order = ["code", "name", "height", "receiving_water", "station", "downstream", "downstream_hours", "longitude", "latitude"]

    def __init__(self, stations: Choices, rivers: Choices, *given: Any, fixed: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "station", [("", _("none")), *stations])
        _choose(self, "downstream", [("", _("none")), *rivers])
        if fixed:
            del self.fields["code"]


_LIMIT = re.compile(r"\s*[|,，;；\t]\s*")


class PermitForm(forms.Form):
    """A permit with its limits, a line each."""

    number = forms.RegexField(r"^[0-9A-Za-z-]{6,40}$", label=_("Number of the permit"))
    issued_by = forms.CharField(label=_("Issued by"), max_length=80, required=False)
    valid_from = _day(_("Valid from"))
    valid_to = _day(_("Valid to, that day included"))
    limits = forms.CharField(
        label=_("Limits, a line each"),
        widget=forms.Textarea({"rows": 6}),
        help_text=_(
            "outlet, factor, limit, unit, tonnes a year, standard with clause; leave out what is not set. DW001, w01018, 80, mg/L, 32.5, GB 4287-2012 表 2"
        ),
    )

    def clean_limits(self) -> list[LimitLine]:
        """Return the limits; raises for a line that cannot be read, by its number."""
        found = []
        for number, line in enumerate(self.cleaned_data["limits"].splitlines(), 1):
            if not line.strip():
                continue
            parts = _LIMIT.split(line.strip(), maxsplit=5)
            try:
                outlet, factor, limit, unit, amount, standard = parts
                low, _dash, high = limit.replace("–", "~").replace("-", "~").partition("~")
                found.append(
                    LimitLine(
                        outlet=outlet,
                        factor=factor,
                        unit=unit,
                        standard=standard,
                        low=numbers.real(low) if high else None,
                        concentration=numbers.real(high or low) if limit else None,
                        year_amount=numbers.exact(amount) if amount else None,
                    )
                )
            except (ValueError, InvalidOperation) as error:
                raise ValidationError(
                    _("Line %(number)d: write outlet, factor, limit, unit, tonnes a year and standard, with commas between."), params={"number": number}
                ) from error
        if not found:
            raise ValidationError(_("Enter at least one limit."))
        return found


class EndPermitForm(forms.Form):
    """A permit that ends before its time."""

    ended_on = _day(_("First day on which it no longer holds"))
    reason = forms.CharField(label=_("Why"), max_length=200)


class CloseForm(forms.Form):
    """A source that no longer works."""

    closed_on = _day(_("From which day?"))


class ReturnForm(forms.Form):
    """A firm's return; a field for each outlet and factor of its permits."""

    period = forms.ChoiceField(label=_("For"), choices=[("month", _("a month")), ("quarter", _("a quarter"))])
    starts_on = _day(_("First day of the period"))
    output_value = forms.DecimalField(label=_("Output in 10,000 yuan"), min_value=0, max_digits=14, decimal_places=2)
    energy = forms.DecimalField(label=_("Energy in tonnes of standard coal"), min_value=0, max_digits=14, decimal_places=3)
    water = forms.DecimalField(label=_("Fresh water in m³"), min_value=0, max_digits=14, decimal_places=2)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, firms: Choices, amounts: Iterable[tuple[int, str, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.keys: dict[str, tuple[int, str]] = {}
        if len(firms) > 1:
            self.fields = {"organ": forms.TypedChoiceField(label=_("Firm"), coerce=int, choices=firms), **self.fields}
        for outlet_id, factor, label in amounts:
            name = f"amount_{outlet_id}_{factor}"
            self.keys[name] = (outlet_id, factor)
            self.fields[name] = forms.DecimalField(label=label, min_value=0, max_digits=16, decimal_places=3, required=False)

    @property
    def amounts(self) -> list[AmountLine]:
        """Return what was given off, of the fields that were filled in."""
        return [
            AmountLine(outlet_id=outlet_id, factor=factor, kilograms=self.cleaned_data[name])
            for name, (outlet_id, factor) in self.keys.items()
            if self.cleaned_data.get(name) is not None
        ]


class CheckForm(forms.Form):
    """The check of a return."""

    remark = forms.CharField(label=_("Remark"), max_length=400, required=False, help_text=_("needed when the return is sent back: what is to be put right"))


class ThresholdForm(forms.Form):
    """A threshold of the three highs."""

    measure = forms.ChoiceField(label=_("Of what?"))
    limit = forms.DecimalField(
        label=_("High above, per 10,000 yuan of output"),
        min_value=Decimal("0.00001"),
        max_digits=14,
        decimal_places=5,
        help_text=_("energy in tce, water in m³, what is given off in kg"),
    )
    basis = forms.CharField(label=_("Basis"), max_length=200, help_text=_("the decision or standard that sets it, with its date"))
    valid_from = _day(_("In force from"))

    def __init__(self, measures: Choices, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "measure", [("energy", _("Energy")), ("water", _("Water use")), *measures])


class RiskForm(PlaceMixin):
    """A risk source."""

    code = forms.SlugField(label=_("Short name in addresses"), max_length=40)
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    organ = forms.TypedChoiceField(label=_("Firm"), coerce=int)
    contact_post = forms.CharField(label=_("Post on duty"), max_length=80, required=False, help_text=_("a post with its telephone, not a person's name"))
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    field_order = ["code", "name", "organ", "contact_post", "note", "longitude", "latitude"]

    def __init__(self, firms: Choices, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "organ", firms)


class SubstanceForm(forms.Form):
    """A substance at a risk source."""

    name = forms.CharField(label=_("Substance"), max_length=80)
    cas = forms.RegexField(r"^[0-9]{2,7}-[0-9]{2}-[0-9]$", label=_("CAS number"), required=False)
    quantity = forms.DecimalField(label=_("Most that is there at a time, tonnes"), min_value=0, max_digits=12, decimal_places=4)
    threshold = forms.DecimalField(label=_("Threshold, tonnes"), min_value=Decimal("0.0001"), max_digits=12, decimal_places=4)
    basis = forms.CharField(label=_("Where the threshold is taken from"), max_length=120)


class PlanForm(forms.Form):
    """An emergency plan."""

    title = forms.CharField(label=_("Title of the plan"), max_length=120)
    number = forms.CharField(label=_("Filing number"), max_length=60)
    filed_on = _day(_("Filed on"))
    revision_due_on = _day(_("To be revised by"))
    paper = forms.FileField(label=_("Document (PDF)"), required=False)


class DrillForm(forms.Form):
    """A drill."""

    held_on = _day(_("Held on"))
    scenario = forms.CharField(label=_("What was practised"), max_length=200)
    finding = forms.CharField(label=_("What it showed"), max_length=400, required=False)


class SensitivePlaceForm(PlaceMixin):
    """A place to be protected."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Sort of place"), choices=[(code, words[0]) for code, words in SensitivePlace.WORDS.items()])
    population = forms.IntegerField(label=_("People there"), min_value=0, max_value=1_000_000, required=False)
    closed_on = _day(_("No longer there since"), required=False, help_text=_("leave it empty while the place is to be protected"))

    field_order = ["name", "name_en", "kind", "population", "longitude", "latitude", "closed_on"]


def initial_of(outlet: Outlet) -> dict[str, Any]:
    """Return an outlet as its form shows it."""
    return {
        "name": outlet.name,
        "height": outlet.height,
        "receiving_water": outlet.receiving_water,
        "station": outlet.station_id,
        "downstream": outlet.downstream_id,
        "downstream_hours": outlet.downstream_hours,
        "longitude": outlet.longitude,
        "latitude": outlet.latitude,
    }


def month_before(on: date) -> date:
    """Return the first day of the month before."""
    return date(on.year - 1, 12, 1) if on.month == 1 else date(on.year, on.month - 1, 1)
