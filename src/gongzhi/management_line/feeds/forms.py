"""Forms by which feeds are set up; shape only."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.management_line.feeds import definitions
from gongzhi.management_line.feeds.mapping import BadMapping
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
            for name in ("code", "username", "password"):
                del self.fields[name]

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
