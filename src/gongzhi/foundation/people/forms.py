"""The shape of what people type when they sign in."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people.operations import SCOPES
from gongzhi.kernel import fields as forms


class SignInForm(forms.Form):
    """A name and a password."""

    username = forms.CharField(
        label=_("Log-in name or phone number"), max_length=60,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )  # fmt: skip
    password = forms.CharField(label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"}))


class CodeForm(forms.Form):
    """A code of the second factor."""

    code = forms.CharField(
        label=_("Code of the second factor"), max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )  # fmt: skip


class RegisterForm(forms.Form):
    """A resident's own log-in."""

    phone = forms.CharField(label=_("Phone number"), max_length=30, widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}))
    name = forms.CharField(label=_("Name"), max_length=40, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(label=_("Password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}))
    agreed = forms.BooleanField(label=_("I have read what is kept about me and why"))


class PasswordForm(forms.Form):
    """A change of the password."""

    present = forms.CharField(label=_("Present password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"}))
    password = forms.CharField(label=_("New password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"}))


class PresentForm(forms.Form):
    """The password, once more."""

    present = forms.CharField(label=_("Present password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"}))


class PhoneCodeForm(forms.Form):
    """The code that was sent to the number."""

    code = forms.CharField(
        label=_("Code from the text message"), max_length=12,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )  # fmt: skip


class ErasureForm(forms.Form):
    """A wish for erasure, understood and confirmed by what the log-in has: a password, a second factor."""

    understood = forms.BooleanField(label=_("I have read what is erased and what stays"))

    def __init__(self, *arguments: Any, with_password: bool, with_code: bool, **more: Any) -> None:
        super().__init__(*arguments, **more)
        if with_password:
            self.fields["present"] = forms.CharField(
                label=_("Present password"), max_length=200, strip=False, widget=forms.PasswordInput({"autocomplete": "current-password"})
            )
        if with_code:
            self.fields["code"] = forms.CharField(
                label=_("Code of the second factor"), max_length=20, widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "text"})
            )


class EmployForm(forms.Form):
    """A log-in for one of the town's staff, or for a firm's contact."""

    kind = forms.ChoiceField(label=_("For whom"), choices=[("staff", _("Staff of the town")), ("enterprise", _("Contact of a firm"))])
    name = forms.CharField(label=_("Name"), max_length=40, help_text=_("Kept sealed; others read the line below."))
    public_name = forms.CharField(label=_("What others read"), max_length=40, help_text=_("Such as 经办岗 03; names of staff are not shown."))
    username = forms.CharField(label=_("Log-in name"), max_length=60, widget=forms.TextInput({"autocapitalize": "none", "autocomplete": "off"}))
    phone = forms.CharField(label=_("Phone number"), max_length=30, required=False, widget=forms.TextInput({"type": "tel", "autocomplete": "off"}))
    must_use_second_factor = forms.BooleanField(label=_("Must set up a second factor"), required=False, initial=True)


class DecisionForm(forms.Form):
    """What becomes of a request for erasure."""

    ground = forms.CharField(label=_("Why not, with the clause"), max_length=300, required=False)


SCOPE_WORDS = {
    "cases:read": _("read cases"), "cases:write": _("open cases and act on them"), "reports:write": _("file reports"), "sensing:read": _("read stations"),
    "sensing:write": _("send readings"), "registers:read": _("read registers and ledgers"), "registers:write": _("write in registers and ledgers"),
    "residents:read": _("read the residents' register"), "residents:write": _("write in the residents' register"),
    "firms:read": _("read the firms' register"), "firms:write": _("write in the firms' register"),
    "exchange:read": _("read the catalogue of data and use grants"), "exchange:write": _("ask for data, doubt values"),
    "emergencies:read": _("read emergencies and alerts"), "emergencies:write": _("report on emergencies and bring in alerts"),
    "ledger:read": _("read the ledger"), "town:read": _("read areas, organs and lists"), "town:write": _("change lists"),
}  # fmt: skip


class TokenForm(forms.Form):
    """A token for a program."""

    title = forms.CharField(label=_("Which program is it for?"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), choices=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label=_("For how many days?"), min_value=1, max_value=3650, initial=365)
