"""Forms of benefits: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.foundation.criteria.answers import several
from gongzhi.kernel import fields as forms
from gongzhi.registers.benefits import definitions

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MONEY = forms.TextInput(attrs={"inputmode": "decimal"})


class BenefitForm(forms.Form):
    """A benefit's terms; its conditions are those of a criterion that the town has adopted, taken over as they stand."""

    title = forms.CharField(label=_("Name"), max_length=80)
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens; stands in its address."))
    criterion = forms.ChoiceField(label=_("Conditions"), help_text=_("Of an adopted criterion, as they stand now."))
    source = forms.CharField(label=_("Document that it comes from"), max_length=200)
    clause = forms.CharField(label=_("Clause"), max_length=60)
    way = forms.ChoiceField(label=_("How it is paid"), choices=definitions.WAYS)
    every = forms.ChoiceField(label=_("How often"), choices=definitions.EVERY)
    amount = forms.CharField(label=_("Amount in yuan"), max_length=20, required=False, widget=MONEY, help_text=_("Or a rate below."))
    rate_of = forms.ChoiceField(label=_("Rate of"), required=False)
    percent = forms.CharField(label=_("Rate in percent"), max_length=10, required=False, widget=MONEY)
    most = forms.CharField(label=_("At most, in yuan"), max_length=20, required=False, widget=MONEY)
    budget = forms.CharField(label=_("Budget in yuan"), max_length=20, required=False, widget=MONEY, help_text=_("Left empty, there is none."))
    starts_on = forms.DateField(label=pgettext_lazy("benefit", "Holds from"), widget=DAY)
    ends_on = forms.DateField(label=_("Until"), widget=DAY, required=False)
    not_with = forms.CharField(
        label=_("Not along with"), max_length=400, required=False, help_text=_("Codes of other benefits; of two the greater amount is paid.")
    )
    group = forms.CharField(label=_("Together with others of the group"), max_length=40, required=False)
    group_most = forms.CharField(label=_("The group comes to at most, in yuan"), max_length=20, required=False, widget=MONEY)

    def __init__(self, *args: Any, criteria: Any = (), amounts: Any = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.definitions = {code: (subject, definition) for code, _title, subject, definition in criteria}
        for name, choices in (("criterion", [(code, title) for code, title, _subject, _definition in criteria]), ("rate_of", [("", "—"), *amounts])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def definition(self) -> dict[str, Any]:
        """Return the benefit as data."""
        given = self.cleaned_data
        subject, criteria = self.definitions[given["criterion"]]
        raw: dict[str, Any] = {name: given[name] for name in ("code", "title", "source", "clause", "way", "every", "amount", "budget")}
        raw |= {"for": subject, "criteria": criteria, "from": given["starts_on"], "until": given["ends_on"], "not_with": several(given["not_with"])}
        if given["rate_of"]:
            raw["rate"] = {"of": given["rate_of"], "percent": given["percent"]} | ({"most": given["most"]} if given["most"] else {})
        if given["group"]:
            raw["together"] = {"group": given["group"], "most": given["group_most"]}
        return raw


# the place of a fault in the definition → the field of the form beside which it is told
FIELD_OF = {"from": "starts_on", "until": "ends_on", "rate": "percent", "together": "group_most", "for": "criterion", "criteria": "criterion"}


class PayForm(forms.Form):
    """What the officer saw and approves."""

    count = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    yuan = forms.CharField(max_length=20, widget=forms.HiddenInput)


class BackForm(forms.Form):
    """On what ground a payment is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    clause = forms.CharField(label=_("Clause"), max_length=60)


class AskForm(forms.Form):
    """A quick request: what no register holds is confirmed."""

    def __init__(self, *args: Any, asked: Any = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.asked = {f"q_{place}": one for place, one in enumerate(asked)}
        for name, question in self.asked.items():
            self.fields[name] = forms.BooleanField(label=question.words, required=False)

    def confirmed(self) -> dict[str, bool]:
        """Return what was confirmed, by question."""
        return {question.code: bool(self.cleaned_data[name]) for name, question in self.asked.items()}
