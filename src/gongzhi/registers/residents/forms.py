"""Forms of the residents' register: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.registers.residents.queries import tag_kinds


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class TagForm(forms.Form):
    """A tag of care or of control."""

    kind = forms.ChoiceField(label=_("Tag"))
    basis = forms.CharField(label=_("Legal basis"), max_length=200)
    source = forms.CharField(label=pgettext_lazy("register", "Source"), max_length=120)
    starts_on = _day(_("From"))
    ends_on = _day(_("Until (not included)"), required=False)
    review_on = _day(_("Looked at again by"), help_text=_("Within a year; then somebody says whether it still holds."))
    is_told = forms.BooleanField(label=_("The person may read it on the own page"), required=False, initial=True)
    note = forms.CharField(label=_("Note"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, room: str, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = tag_kinds(room=room)


class ProveForm(forms.Form):
    """What proves that a record is one's own."""

    name = forms.CharField(label=pgettext_lazy("register", "Name"), max_length=60)
    number = forms.CharField(label=_("Document number"), max_length=30, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class SettleForm(forms.Form):
    """How it is known whether two records are of one person."""

    ground = forms.CharField(label=_("How you know"), max_length=120)


def not_yours(tries_left: int) -> str:
    """Return the sentence for a try that opened nothing; what of it was wrong is not said."""
    if not tries_left:
        return _now("That was the last try for today. Please bring your document to the service centre.")
    left = ngettext("%(n)d try is left today.", "%(n)d tries are left today.", tries_left) % {"n": tries_left}
    return _now("No record fits name, number and your telephone together. The service centre can put it right.") + " " + left


def sections() -> tuple[tuple[Any, tuple[str, ...]], ...]:
    """Return how the own record is laid out: title and fields of each part."""
    return (
        (_("Identity"), ("name", "document", "number", "sex", "birth", "nationality", "ethnicity", "phone")),
        (_("Home and household"), ("address", "tenure", "since", "household", "relation", "standing", "origin", "left_on", "died_on")),
    )
