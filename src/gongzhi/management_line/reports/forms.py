"""What residents type: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.kernel import numbers

MOST_TEXT = 2000
MASKED = _("The telephone or identity number in what you wrote is masked for everybody else; only those who work on the case read it.")
TAGS = (
    ("solved_well", _("Well solved")), ("quick", _("Quick")), ("friendly", _("Friendly")), ("explained", _("Well explained")),
    ("slow", _("Too slow")), ("not_solved", _("Not solved")), ("rude", _("Unfriendly")), ("not_told", _("I was not told")),
)  # fmt: skip


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


class FollowForm(forms.Form):
    """The code, and the number for those who want to be sure."""

    code = forms.CharField(
        label=_("Follow code"), max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "K7QF-9M2X-4HTB-WZ83"}),
        error_messages={"required": _("Please enter the follow code that you got when you reported.")},
    )  # fmt: skip
    number = forms.CharField(label=_("Case number"), max_length=40, required=False)


class RateForm(forms.Form):
    """Five levels, and what was good or bad."""

    level = forms.TypedChoiceField(
        choices=[(level, str(level)) for level in range(1, 6)], coerce=int,
        error_messages={"required": _("Please choose one of the five."), "invalid_choice": _("Please choose one of the five.")},
    )  # fmt: skip
    solved = forms.ChoiceField(
        label=_("Is it solved?"), choices=[("yes", _("Yes")), ("no", _("No"))], required=False, widget=forms.RadioSelect
    )
    tags = forms.MultipleChoiceField(label=_("What was good or bad?"), choices=TAGS, required=False, widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("In your words"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": "3"}),
        help_text=_("If you are not satisfied: what went wrong, and what would help?"),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Phone"), max_length=30, required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        help_text=_("If you want to be called back. Without it you find a written answer on this page, by your follow code."),
    )  # fmt: skip
    is_unreachable = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        phone = cleaned["phone"] = cleaned.get("phone", "").strip() if self.is_unreachable else ""
        digits = sum(letter.isdigit() for letter in phone)
        if phone and (not 5 <= digits <= 20 or any(not (letter.isdigit() or letter in "+-() 　（）") for letter in phone)):
            self.add_error("phone", _("This is not a phone number; please check its digits."))
        if self.is_unreachable and cleaned.get("level", 5) <= 2 and not phone and not cleaned.get("text", "").strip() and not cleaned.get("tags"):
            self.add_error("text", _("Please say in a few words what went wrong: we can only answer what we know."))
        return cleaned


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Why?"), max_length=300, widget=forms.Textarea(attrs={"rows": "3"}), error_messages={"required": _("Please say why.")}
    )


class WithdrawForm(forms.Form):
    """Why it is taken back, if one likes to say."""

    reason = forms.CharField(label=_("Why?"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": "2"}))


class NoteForm(forms.Form):
    """What there is to add."""

    text = forms.CharField(
        label=_("What has changed?"), max_length=1000, widget=forms.Textarea(attrs={"rows": "3"}),
        error_messages={"required": _("Please write what you want to add.")},
    )  # fmt: skip
