"""Forms of the desk: intake for whoever calls, and views that one keeps."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.forms.fields import PhotosField, category_choices, degrees_field, id_field, text_field
from gongzhi.cases.forms.words import SEVERITY_WORDS
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel import numbers
from gongzhi.kernel.actors import ANYONE, Actor


class IntakeForm(forms.Form):
    """A need that an operator types for whoever calls 代录."""

    kind = forms.ChoiceField(label=_("What sort of case"))
    category = id_field(_("Category"), required=False)
    title = forms.CharField(label=_("In one sentence"), max_length=120)
    text = text_field(_("In the caller's words"), 8000, 5, required=False)
    address = forms.CharField(label=_("Where"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}))
    longitude = degrees_field(180)
    latitude = degrees_field(90)
    origin = forms.ChoiceField(label=_("How it came in"))
    name = forms.CharField(label=_("Caller's name"), max_length=40, required=False)
    phone = forms.CharField(label=_("Caller's telephone"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    severity = id_field(_("Severity"), required=False)
    photos = PhotosField()
    key = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, actor: Actor, at: datetime, **more: Any) -> None:
        super().__init__(data, files, auto_id="new_%s", **more)
        open_kinds = [kind for kind in kinds.kinds() if "page" in kind.doors and rules.may_open(actor, kind)]
        self._fill("kind", [(kind.code, kind.title) for kind in open_kinds])
        self._fill("category", category_choices(actor, territory.day_of(seen_by=ANYONE, at=at)))
        self._fill("severity", [("", _("As the category says")), *SEVERITY_WORDS.items()])
        self._fill(
            "origin",
            [("hotline", _("Telephone")), ("resident", _("At the counter")), ("enterprise", _("A firm")), ("patrol", _("Grid patrol")),
                ("superior", _("Superior government"))],
        )
        if any(kind.code == "report" for kind in open_kinds):
            self.initial.setdefault("kind", "report")

    def _fill(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"].strip()
        phone = numbers.telephone(typed)
        if typed and not (phone and len(phone.lstrip("+")) <= 15):
            raise ValidationError(_("A telephone number has 5 to 15 digits."))
        return phone


class SaveViewForm(forms.Form):
    title = forms.CharField(label=_("Name of the view"), max_length=30)
    query = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)
