"""Organs and posts as an administrator writes them: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs.role_words import ROLE_WORDS
from gongzhi.kernel import fields as forms

KIND_WORDS = {
    "committee": _("Management committee"), "department": _("Department"), "subdistrict": _("Subdistrict office"), "station": _("Community station"),
    "stewards": _("Steward team"), "operator": _("Operator"), "council": _("Residents' council"), "enterprise": _("Firm"),
    "social": _("Social organisation"), "superior": _("Superior government"),
}  # fmt: skip
Choices = list[tuple[int, str]]


def day_field(label: Any, **more: Any) -> forms.DateField:
    """Return a field for a date, as browsers draw it."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _choose(form: forms.Form, name: str, choices: Choices, nothing: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", nothing), *choices]


class OrganForm(forms.Form):
    """A body that can be responsible."""

    name = forms.CharField(label=_("Name in Chinese"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("Sort"), choices=list(KIND_WORDS.items()))
    code = forms.SlugField(label=_("Short name"), max_length=40, help_text=_("Latin letters, digits and dashes; it stays."))
    parent = forms.TypedChoiceField(label=_("Organ above it"), coerce=int, empty_value=None, required=False)
    area = forms.TypedChoiceField(label=_("Area it serves"), coerce=int, empty_value=None, required=False)
    duty_phone = forms.CharField(label=_("Duty telephone"), max_length=40, required=False)
    closed_on = day_field(_("Closed from"), required=False, help_text=_("From that day it gets no new cases."))

    def __init__(self, parents: Choices, areas: Choices, *arguments: Any, fixed: bool = False, **more: Any) -> None:
        super().__init__(*arguments, **more)
        _choose(self, "parent", parents, _("None"))
        _choose(self, "area", areas, _("The whole town"))
        if fixed:
            self.fields["code"].disabled = True
        else:
            del self.fields["closed_on"]


class PostForm(forms.Form):
    """Person × organ × role × area × dates."""

    person = forms.TypedChoiceField(label=_("Who"), coerce=int)
    organ = forms.TypedChoiceField(label=_("Organ"), coerce=int)
    role = forms.ChoiceField(label=_("As what"), choices=[(code, word) for code, word in ROLE_WORDS.items() if code != "resident"])
    area = forms.TypedChoiceField(label=_("For which area"), coerce=int, empty_value=None, required=False)
    title = forms.CharField(label=_("What others read"), max_length=40, required=False, help_text=_("Such as 经办岗 03; names of staff are not shown."))
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Until (not included)"), required=False)

    def __init__(self, people: Choices, organs: Choices, areas: Choices, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        _choose(self, "person", people, "—")
        _choose(self, "organ", organs, "—")
        _choose(self, "area", areas, _("The whole town"))


class EndPostForm(forms.Form):
    """The day from which a post is held no longer."""

    ends_on = day_field(_("Ends on"))


class RoleForm(forms.Form):
    """What a role may do: a tick for each ability that the town may give it."""

    abilities = forms.MultipleChoiceField(label=_("What it may do"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, choices: list[tuple[str, Any]], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["abilities"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices
