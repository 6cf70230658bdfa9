"""What people type about enquiries, requests and the statutory list: parsed and checked for shape."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor
from gongzhi.service_line.openness import queries
from gongzhi.service_line.openness.models import Column, InfoRequest


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _text(label: Any, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": str(rows)}), **more)


def _choose(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class AskForm(forms.Form):
    """A question to a unit."""

    organ_id = forms.TypedChoiceField(label=_("Whom you ask"), coerce=int,
                                      help_text=_("Not sure? Choose the committee: it passes the question on, and its clock goes on."))  # fmt: skip
    text = _text(_("What you want to know"), 5, max_length=4000, help_text=_("In your own words. Telephone and identity numbers are masked for others."))
    is_private = forms.BooleanField(label=_("Answer me alone"), required=False, help_text=_("Without this, question and answer are public, without your name."))

    def __init__(self, data: Any = None, *, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(data, **more)
        _choose(self, "organ_id", [(organ.pk, str(organ)) for organ in queries.organs_asked(seen_by=actor, on=on)])


class RequestForm(forms.Form):
    """A request for information, as article 29 of the regulations asks for it."""

    organ_id = forms.TypedChoiceField(label=_("Which unit holds it"), coerce=int)
    text = _text(_("Which information"), 5, max_length=4000, help_text=_("Its name, number, date or anything else by which it can be found."))
    form = forms.ChoiceField(label=_("How you want it"), choices=list(InfoRequest.FORM_WORDS.items()))
    name = forms.CharField(label=_("Name"), max_length=40, required=False, help_text=_("Sealed; only those who work on the request read it."))
    phone = forms.CharField(label=_("Telephone"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))

    def __init__(self, data: Any = None, *, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(data, **more)
        _choose(self, "organ_id", [(organ.pk, str(organ)) for organ in queries.organs_asked(seen_by=actor, on=on)])
        if actor.is_signed_in and "channel" not in self.fields:
            del self.fields["name"], self.fields["phone"]


class PaperRequestForm(RequestForm):
    """A request that came on paper or in person, taken down by an officer."""

    channel = forms.ChoiceField(label=_("How it came"), choices=[one for one in InfoRequest.CHANNEL_WORDS.items() if one[0] != "online"])
    received_on = _day(_("Received on"), required=False)


class ColumnForm(forms.Form):
    """A column of the statutory list."""

    title = forms.CharField(label=_("What must be shown"), max_length=120)
    code = forms.CharField(label=_("Short name in the address"), max_length=40, help_text=_("Small letters, digits and hyphens; stands in its address."))
    organ_id = forms.TypedChoiceField(label=_("Who owes it"), coerce=int)
    basis = forms.CharField(label=_("By which clause"), max_length=200)
    days = forms.IntegerField(label=_("Working days from making or change"), min_value=1, max_value=20, initial=20)
    every = forms.TypedChoiceField(label=_("Something new is due"), coerce=int, choices=list(Column.EVERY_WORDS.items()))
    place = forms.IntegerField(label=_("Place in the list"), min_value=0, max_value=999, initial=0)

    def __init__(self, data: Any = None, *, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(data, **more)
        _choose(self, "organ_id", [(organ.pk, str(organ)) for organ in queries.organs_asked(seen_by=actor, on=on)])


class TellForm(forms.Form):
    """Something that was made or changed."""

    title = forms.CharField(label=_("What was made or changed"), max_length=160)
    made_on = _day(_("On which day"))


class ShowForm(forms.Form):
    """What is shown of it."""

    text = _text(_("Text"), 5, required=False, max_length=40_000)
    url = forms.URLField(label=_("Address"), required=False, max_length=300, assume_scheme="https")
    file = forms.FileField(label=_("PDF or picture"), required=False)
