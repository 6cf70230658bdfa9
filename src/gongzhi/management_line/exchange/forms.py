"""Forms of exchange: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.cases.acts import ActForm
from gongzhi.foundation.organs import queries as organs
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.exchange import queries
from gongzhi.registers.grants import queries as grants
from gongzhi.registers.grants.words import PERIODS, SHARES


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class AskForm(forms.Form):
    """Which fields a unit asks for, for what, on which basis, from day to day."""

    organ = forms.TypedChoiceField(label=_("For which unit"), coerce=int)
    fields_asked = forms.MultipleChoiceField(label=pgettext_lazy("register", "Fields"), widget=forms.CheckboxSelectMultiple)
    purpose = forms.CharField(label=_("For what"), max_length=200, help_text=_("Everybody whose value is shown can read it."))
    basis = forms.CharField(label=_("Legal basis"), max_length=200, help_text=_("The law or rule by which your unit does this, with its article"))
    starts_on = _day(_("First day"))
    ends_on = _day(_("Last day"), help_text=_("Three years at the most; the last day is included."))

    def __init__(self, actor: Actor, entries: list[Any], organ_choices: list[tuple[int, str]], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        given = [one for one in entries if one.share != 3 and one.organ is not None]
        are_several = len({one.organ.pk for one in given}) > 1
        asked = [(one.field.code, f"{one.field.title} · {one.organ}" if are_several else one.field.title) for one in given]
        self.fields["fields_asked"].choices = asked  # type: ignore[attr-defined]
        self.fields["organ"].choices = organ_choices  # type: ignore[attr-defined]
        if len(organ_choices) == 1:
            self.fields["organ"].widget = forms.HiddenInput()
            self.fields["organ"].initial = organ_choices[0][0]


class AnswerRequestForm(ActForm):
    """Which of the fields asked for are granted, until when, and why the others are not."""

    granted = forms.MultipleChoiceField(
        label=_("Granted"), widget=forms.CheckboxSelectMultiple, required=False, help_text=_("What is not ticked is not given.")
    )
    ends_on = _day(_("Last day of the grant"), required=False)
    reason = forms.CharField(label=_("Why the others are not given"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300, required=False)

    def prepare(self) -> None:
        request = queries.request_of_case(seen_by=self.actor, case=self.case)
        if request is None:
            return
        listed = queries.fields_of(seen_by=self.actor, request=request)
        self.fields["granted"].choices = [(one.code, one.title) for one in listed]  # type: ignore[attr-defined]
        self.fields["granted"].initial = [one.code for one in listed]
        self.fields["ends_on"].initial = request.ends_on


class AnswerCorrectionForm(ActForm):
    """Whether a value is put right, as what and on which basis, or why it stands."""

    outcome = forms.ChoiceField(
        label=_("Answer"), choices=[("corrected", _("Put it right")), ("upheld", _("It is right; let it stand"))], widget=forms.RadioSelect
    )
    value = forms.CharField(label=_("The right value"), max_length=200, required=False)
    basis = forms.CharField(label=_("On what it rests"), max_length=200, required=False, help_text=_("The paper or record in which you looked"))
    reason = forms.CharField(
        label=_("Reason, in words that whoever doubted it can read"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000, required=False
    )

    def prepare(self) -> None:
        found = queries.correction_of_case(seen_by=self.actor, case=self.case)
        if found is None:
            return
        source = grants.source_or_none(seen_by=self.actor, code=found.register)
        field = source.field(found.field) if source is not None else None
        if field is not None and field.sort == "choice":
            self.fields["value"] = forms.ChoiceField(label=field.title, choices=[("", "—"), *field.choices], required=False)
            self.order_fields(["outcome", "value", "basis", "reason"])
        elif field is not None and field.sort == "date":
            self.fields["value"].widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.fields["value"].initial = queries.correction_shown(seen_by=self.actor, correction=found, case=self.case)["proposed"]


class DoubtForm(forms.Form):
    """Why a value is doubted, and what it should be."""

    proposed = forms.CharField(
        label=_("What it should be"), max_length=200, required=False, help_text=_("If you know it. Only you and the unit that checks it can read this.")
    )
    reason = forms.CharField(label=_("What is wrong with it"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)


class UseForm(forms.Form):
    """About whom a form is filled, and for which matter."""

    shown = forms.CharField(max_length=40)
    purpose = forms.CharField(label=_("For which matter"), max_length=200, help_text=_("It is kept, and whoever it is about can read it."))

    def __init__(self, shown_as: Any, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["shown"].label = shown_as


class EndForm(forms.Form):
    """Why a grant is ended."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


def _organs(actor: Actor) -> list[tuple[int, str]]:
    return [(one.pk, str(one)) for one in organs.organs(seen_by=actor) if one.kind != "enterprise"]


class EntryForm(forms.Form):
    """Which unit answers for a field, and how it is shared."""

    organ = forms.TypedChoiceField(label=_("Unit that answers for it"), coerce=int)
    share = forms.TypedChoiceField(label=_("Sharing"), coerce=int, choices=list(SHARES.items()))
    basis = forms.CharField(label=_("Law by which it is not given"), max_length=200, required=False)
    period = forms.ChoiceField(label=_("Told anew"), choices=list(PERIODS.items()))

    def __init__(self, actor: Actor, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["organ"].choices = _organs(actor)  # type: ignore[attr-defined]


class DataSetForm(EntryForm):
    """Data that an organ holds elsewhere."""

    code = forms.SlugField(label=_("Short name"), max_length=40, help_text=_("Small letters, digits and hyphens; it stands in the address"))
    title = forms.CharField(label=pgettext_lazy("data", "Title"), max_length=80)
    title_en = forms.CharField(label=_("Title in English"), max_length=80, required=False)
    summary = forms.CharField(label=_("What it holds"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    place = forms.CharField(label=_("In which system it is held"), max_length=120, required=False)
    schema = forms.CharField(
        label=pgettext_lazy("register", "Fields"), widget=forms.Textarea(attrs={"rows": 6}), max_length=4000,
        help_text=_("One on a line: code, title, sort (text, date, number), and “!” if it is required. The first is what a row is found by."),
    )  # fmt: skip

    field_order = ["code", "title", "title_en", "summary", "organ", "place", "schema", "share", "basis", "period"]

    def rows(self) -> list[dict[str, Any]]:
        """Return the fields as they were written."""
        found: list[dict[str, Any]] = []
        for line in self.cleaned_data["schema"].splitlines():
            parts = [part.strip() for part in line.replace("，", ",").split(",")]
            if parts and parts[0]:
                rest = parts[2:]
                required = any(part in ("!", "！") for part in rest)
                sort = next((part for part in rest if part not in ("!", "！", "")), "text")
                found.append({"code": parts[0], "title": parts[1] if len(parts) > 1 else "", "sort": sort, "required": required or not found})
        return found


class SenderForm(forms.Form):
    """A system outside that may send rows of a data set."""

    data_set = forms.TypedChoiceField(label=_("Data set"), coerce=int)
    title = forms.CharField(label=_("System"), max_length=80)
    key_id = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("The sender names it in each signature (keyid)."))
    public_key = forms.CharField(
        label=_("Public key"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=2000,
        help_text=_("PEM, of Ed25519 or P-256. The secret one stays with the sender."),
    )

    def __init__(self, actor: Actor, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.fields["data_set"].choices = [(one.pk, f"{one} · {one.organ}") for one in grants.data_sets(seen_by=actor)]  # type: ignore[attr-defined]
