"""Forms of the lists by which the town works: categories, responsibilities, procedures."""

import json
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.cases.forms.fields import WORKING_KINDS, area_choices, category_choices, id_field, organ_choices, text_field
from gongzhi.cases.forms.words import LIFE_WORDS, SEVERITY_WORDS, SORT_WORDS, UNIT_WORDS
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import ANYONE, Actor


class CategoryForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=20)
    name = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=100, required=False)
    life = forms.ChoiceField(label=_("Life"), choices=list(LIFE_WORDS.items()))
    parent = id_field(_("Main class"), required=False)
    sort = forms.ChoiceField(label=_("Component or occurrence"), choices=list(SORT_WORDS.items()))
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=list(SEVERITY_WORDS.items()))
    limit_amount = forms.IntegerField(label=_("Time limit"), min_value=1, max_value=3650)
    limit_unit = forms.ChoiceField(label=_("counted in"), choices=list(UNIT_WORDS.items()))
    basis = forms.CharField(label=_("Rule that sets the limit, with its clause"), max_length=200, required=False)
    keywords = forms.CharField(label=_("Words people use for it"), max_length=300, required=False, help_text=_("With spaces between them."))
    description = text_field(_("Description in Chinese"), 300, 2, required=False)
    description_en = text_field(_("Description in English"), 300, 2, required=False)
    for_public = forms.BooleanField(label=_("Residents may report it"), required=False, initial=True)
    restricted = forms.BooleanField(label=_("Cases of it are for their parties only"), required=False)

    def __init__(self, *arguments: Any, actor: Actor, at: datetime, **more: Any) -> None:
        super().__init__(*arguments, **more)
        parents = [category for category in queries.categories(seen_by=actor, on=territory.day_of(seen_by=ANYONE, at=at)) if category.parent_id is None]
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("None: this is a main class")), *((category.pk, category.label) for category in parents)]


class ResponsibilityForm(forms.Form):
    clause = forms.CharField(label=_("Clause"), max_length=40, help_text=_("How people cite it, such as B-114."))
    category = id_field(_("Category"))
    area = id_field(_("Area"), required=False, help_text=_("Empty: the whole town."))
    lead = id_field(_("Unit that leads"))
    co_handlers = forms.TypedMultipleChoiceField(label=_("Units that join"), coerce=int, required=False, widget=forms.SelectMultiple(attrs={"size": "6"}))
    limit_amount = forms.IntegerField(label=_("Time limit"), min_value=1, max_value=3650, required=False, help_text=_("Empty: that of the category."))
    limit_unit = forms.ChoiceField(label=_("counted in"), choices=[("", "—"), *UNIT_WORDS.items()], required=False)
    basis = forms.CharField(label=_("Basis"), max_length=200, required=False)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(label=_("Until (not included)"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *arguments: Any, actor: Actor, at: datetime, **more: Any) -> None:
        super().__init__(*arguments, **more)
        leads = organ_choices(actor, territory.day_of(seen_by=ANYONE, at=at), kinds_of_organ=WORKING_KINDS)
        for name, choices in (
            ("category", category_choices(actor, territory.day_of(seen_by=ANYONE, at=at))),
            ("area", area_choices(actor, empty=_("The whole town"))), ("lead", leads),
            ("co_handlers", organ_choices(actor, territory.day_of(seen_by=ANYONE, at=at))[1:]),
        ):  # fmt: skip
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("limit_amount")) != bool(cleaned.get("limit_unit")) and "limit_amount" not in self.errors:
            self.add_error("limit_unit", _("Give the time limit and its unit, or neither."))
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", _("It must end after it begins."))
        if cleaned.get("lead") in (cleaned.get("co_handlers") or []):
            self.add_error("co_handlers", _("The unit that leads does not join itself."))
        return cleaned


class EndResponsibilityForm(forms.Form):
    ends_on = forms.DateField(label=_("Ends on (not included)"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AmendmentForm(forms.Form):
    proposal = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(label=_("Decision"), choices=[("adopt", _("Adopt")), ("decline", _("Decline"))])
    clause = forms.CharField(label=_("Clause"), max_length=40, required=False)


class ProcedureForm(forms.Form):
    definition = text_field(_("Definition (YAML)"), 60_000, 24)
    reason = text_field(_("Reason for the new version"), 300, 2)
    effective_from = forms.DateTimeField(
        label=_("In force from"), required=False, help_text=_("Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
    )  # fmt: skip

    def clean_definition(self) -> dict[str, Any]:
        """Return the raw definition; every fault of it becomes an error of this field."""
        text = self.cleaned_data["definition"]
        try:
            raw = procedures.read(text)
            procedures.parse(raw)
        except procedures.BadProcedure as error:
            raise ValidationError([ValidationError(fault) for fault in error.faults]) from error
        return json.loads(json.dumps(raw))
