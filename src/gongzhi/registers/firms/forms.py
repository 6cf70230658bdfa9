"""Forms of the firms' register: parsed and checked for shape, never saved."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.registers.firms import values
from gongzhi.registers.record.asking import GroundForm


class ContactForm(forms.Form):
    """Who speaks for a firm, and as what."""

    role = forms.ChoiceField(label=_("As what"), choices=values.ROLES)
    name = forms.CharField(label=pgettext_lazy("register", "Name"), max_length=80)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)


class FigureForm(GroundForm):
    """An amount of a firm for a period."""

    measure = forms.ChoiceField(label=_("Measure"), choices=[(code, title) for code, (title, _unit) in values.MEASURES.items()])
    period = forms.ChoiceField(label=_("Period"), choices=[("year", _("year")), ("quarter", _("quarter")), ("month", _("month"))])
    starts_on = forms.DateField(label=_("First day of the period"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=3, min_value=0)

    field_order = ["measure", "period", "starts_on", "amount", "source", "basis"]
