"""What residents type: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.kernel import numbers

MOST_TEXT = 2000

class PlaceForm(forms.Form):
    """Where: a pin, an address in words, or at least a community."""

    address = forms.CharField(
        label=_("Place"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address", "placeholder": _("Street, crossing, estate, shop")}),
    )  # fmt: skip
    longitude = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    area = forms.ChoiceField(label=_("Or only the neighbourhood"), required=False)

    def __init__(self, *args: Any, areas: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["area"].choices = [("", _("Choose …")), *areas]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("longitude") is None) != (cleaned.get("latitude") is None):
            cleaned["longitude"] = cleaned["latitude"] = None
        if not self.errors and cleaned.get("longitude") is None and not cleaned.get("address", "").strip() and not cleaned.get("area"):
            self.add_error("address", _("Please say where: put the pin on the map, write the place, or choose the neighbourhood."))
        return cleaned


class WordsForm(forms.Form):
    """What happened."""

    text = forms.CharField(
        label=pgettext_lazy("field of a report", "What happened"), max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": "4", "placeholder": _("What do you see? Since when? Is it dangerous?")}),
        error_messages={"required": _("Please write a few words, so that the right unit gets it.")},
    )  # fmt: skip


class ContactForm(forms.Form):
    """How the raiser hears of the result."""

    contact = forms.ChoiceField(
        label=_("How shall we tell you?"), choices=[("code", _("Anonymous, give me a follow code")), ("phone", _("Also leave my phone"))],
        widget=forms.RadioSelect, required=False, initial="code",
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"})
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["contact"] = cleaned.get("contact") or "code"
        phone = cleaned.get("phone", "").strip()
        if cleaned["contact"] == "phone":
            if not numbers.telephone(phone):
                self.add_error("phone", _("This is not a phone number; please check its digits."))
        else:
            cleaned["phone"] = ""
        return cleaned
