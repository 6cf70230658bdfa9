"""What whoever follows a case types: the code, a rating, why, what there is to add."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import rating
from gongzhi.cases.forms.words import TAG_WORDS
from gongzhi.kernel import fields as forms
from gongzhi.kernel import numbers


class FollowForm(forms.Form):
    """The code, and the number for those who want to be sure."""

    code = forms.CharField(
        label=_("Follow code"), max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "placeholder": "K7QF-9M2X-4HTB-WZ83"}),
        error_messages={"required": _("Please enter the follow code that you got when you reported.")},
    )  # fmt: skip
    number = forms.CharField(label=_("Case number"), max_length=40, required=False)


class RatingForm(forms.Form):
    """Five levels, and what was good or bad."""

    level = forms.TypedChoiceField(
        choices=[(level, str(level)) for level in range(1, 6)], coerce=int,
        error_messages={"required": _("Please choose one of the five."), "invalid_choice": _("Please choose one of the five.")},
    )  # fmt: skip
    solved = forms.ChoiceField(
        label=_("Is it solved?"), choices=[("yes", _("Yes")), ("no", _("No"))], required=False, widget=forms.RadioSelect
    )
    tags = forms.MultipleChoiceField(
        label=_("What was good or bad?"), choices=[(tag, TAG_WORDS[tag]) for tag in rating.TAGS], required=False, widget=forms.CheckboxSelectMultiple
    )
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
        if phone and not numbers.telephone(phone):
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
