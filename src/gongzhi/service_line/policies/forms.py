"""What people type about policies and drafts: parsed and checked for shape."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor
from gongzhi.service_line.policies import queries
from gongzhi.service_line.policies.models import TOPIC_WORDS, Answer, Clause, Link, Section

LINK_WORDS = {"item": _("Service item"), "benefit": _("Benefit"), "criterion": _("Criterion"), "basis": _("Higher document")}
WORKING = ("committee", "department", "subdistrict", "station", "council")


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": str(rows)}), **more)


def organ_choices(actor: Actor, on: date) -> list[tuple[int, str]]:
    """Return the units of the town that may issue and answer, by name."""
    return [(organ.pk, str(organ)) for organ in organs.open_organs(seen_by=actor, on=on) if organ.kind in WORKING]


def _area_choices(actor: Actor) -> list[tuple[Any, Any]]:
    found = [(area.pk, area.name) for area in territory.areas(seen_by=actor).filter(level__in=["community", "park"]).defer("boundary")]
    return [("", _("The whole town")), *found]


def _number(value: Any) -> int | None:
    return int(value) if value else None


class PolicyForm(forms.Form):
    """A policy being prepared: what stands on its head, and its letter."""

    title = forms.CharField(label=_("Title"), max_length=120)
    number = forms.CharField(label=_("Document number"), max_length=60, required=False, help_text=_("Such as 云溪管〔2026〕18 号; needed for its release."))
    code = forms.CharField(label=_("Short name in the address"), max_length=60, help_text=_("Small letters, digits and hyphens; stands in its address."))
    organ_id = forms.TypedChoiceField(label=_("Issued by"), coerce=int)
    handled_by_id = forms.TypedChoiceField(label=_("Who answers for it"), coerce=_number, empty_value=None, required=False)
    topics = forms.MultipleChoiceField(label=_("Topics"), choices=list(TOPIC_WORDS.items()), widget=forms.CheckboxSelectMultiple, required=False)
    area_id = forms.TypedChoiceField(label=_("Where it holds"), coerce=_number, empty_value=None, required=False)
    signed_on = _day(_("Signed on"))
    valid_from = _day(_("Holds from"))
    valid_until = _day(_("Last day on which it holds"), required=False)
    evaluate_on = _day(_("Its effect is looked at by"), required=False)
    replaces = forms.MultipleChoiceField(label=_("Policies that it replaces"), widget=forms.SelectMultiple(attrs={"size": "4"}), required=False,
                                         help_text=_("They end on the day from which this one holds."))  # fmt: skip
    consultation_id = forms.TypedChoiceField(label=_("Draft on which everybody was asked"), coerce=_number, empty_value=None, required=False)
    gist = _text(_("In plain words"), 2, required=False, help_text=_("One or two sentences: who gets or must do what."))
    text = _text(_("Full text"), 14, help_text=_("Paste it as it was signed; each “第…条” becomes a clause."))

    def __init__(self, data: Any = None, *, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(data, **more)
        self._choose("organ_id", organ_choices(actor, on))
        self._choose("handled_by_id", [("", "—"), *organ_choices(actor, on)])
        self._choose("area_id", _area_choices(actor))
        self._choose("replaces", [(one.policy.code, f"{one.policy.title} {one.policy.number}") for one in queries.listed(seen_by=actor, on=on)
                                  if one.state in ("in_force", "coming")])  # fmt: skip
        asked = queries.consultations(seen_by=actor, on=on)
        self._choose("consultation_id", [("", "—"), *((one.consultation.pk, one.consultation.title) for one in asked)])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class ReadingForm(forms.Form):
    """The reading beside the letter: a field or two for each clause."""

    gist = _text(_("In plain words"), 2, help_text=_("One or two sentences: who gets or must do what."))
    affected = _text(_("Who is affected"), 3, required=False, help_text=_("One line each: what | how many | a note. Such as: 现在就够 | 312 家 | 712 人"))

    def __init__(self, data: Any = None, *, clauses: Iterable[Clause], **more: Any) -> None:
        super().__init__(data, **more)
        self.clauses = [one for one in clauses if one.number]
        for one in self.clauses:
            self.fields[f"title_{one.place}"] = forms.CharField(label=_("In a few words"), max_length=40, required=False, initial=one.plain_title)
            self.fields[f"plain_{one.place}"] = _text(_("What it means"), 2, required=False, max_length=1000, initial=one.plain)

    def rows(self) -> list[tuple[Clause, Any, Any]]:
        """Return each clause with its two fields."""
        return [(one, self[f"title_{one.place}"], self[f"plain_{one.place}"]) for one in self.clauses]

    def plain(self) -> dict[int, tuple[str, str]]:
        """Return what was written, by the place of the clause."""
        return {one.place: (self.cleaned_data[f"title_{one.place}"], self.cleaned_data[f"plain_{one.place}"]) for one in self.clauses}

    def affected_rows(self) -> list[dict[str, str]]:
        """Return the rows of who is affected."""
        found = []
        for line in self.cleaned_data["affected"].splitlines():
            parts = [part.strip() for part in line.replace("｜", "|").split("|")]
            if parts[0]:
                found.append(dict(zip(("what", "count", "note"), [*parts, "", ""][:3], strict=True)))
        return found


class QuestionForm(forms.Form):
    """A question on a policy and its answer."""

    text = forms.CharField(label=_("Question"), max_length=200)
    answer = _text(_("Answer"), 2, max_length=2000)
    clause = forms.CharField(label=_("By which clause"), max_length=40, required=False)


class LinkForm(forms.Form):
    """What a policy is linked with."""

    kind = forms.ChoiceField(label=_("What it is linked with"), choices=list(LINK_WORDS.items()))
    code = forms.CharField(label=_("Its code"), max_length=80)
    title = forms.CharField(label=_("How it is called"), max_length=120, required=False)
    clause = forms.CharField(label=_("By which clause"), max_length=40, required=False)


class PaperForm(forms.Form):
    """A file to hang on a policy."""

    file = forms.FileField(label=_("PDF or picture"))


class RepealForm(forms.Form):
    """From when a policy holds no more, and why."""

    since = _day(_("Holds no more from"))
    reason = _text(_("Why"), 2, max_length=300)


class SubscribeForm(forms.Form):
    """Of what the reader wants to hear."""

    topic = forms.ChoiceField(label=_("Topic"), choices=[("", _("Any topic")), *TOPIC_WORDS.items()], required=False)
    area_id = forms.TypedChoiceField(label=_("Where"), coerce=_number, empty_value=None, required=False)

    def __init__(self, data: Any = None, *, actor: Actor, **more: Any) -> None:
        super().__init__(data, **more)
        field = self.fields["area_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _area_choices(actor)


class ConsultationForm(forms.Form):
    """A draft on which everybody is asked."""

    title = forms.CharField(label=_("Title"), max_length=120)
    code = forms.CharField(label=_("Short name in the address"), max_length=60, help_text=_("Small letters, digits and hyphens; stands in its address."))
    organ_id = forms.TypedChoiceField(label=_("Who drafts it"), coerce=int)
    topics = forms.MultipleChoiceField(label=_("Topics"), choices=list(TOPIC_WORDS.items()), widget=forms.CheckboxSelectMultiple, required=False)
    why = _text(_("Why it is drafted"), 3, help_text=_("In plain words: what is wrong today, what is to change."))
    closes_on = _day(_("Opinions until"))
    text = _text(_("Text of the draft"), 14, help_text=_("Each “第…条” becomes a section on which one can comment."))

    def __init__(self, data: Any = None, *, actor: Actor, on: date, **more: Any) -> None:
        super().__init__(data, **more)
        field = self.fields["organ_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = organ_choices(actor, on)


class OpinionForm(forms.Form):
    """What somebody thinks of a draft."""

    section_id = forms.TypedChoiceField(label=_("About which part"), coerce=_number, empty_value=None, required=False)
    text = _text(_("What you think"), 4, max_length=4000)

    def __init__(self, data: Any = None, *, sections: Iterable[Section], **more: Any) -> None:
        super().__init__(data, **more)
        field = self.fields["section_id"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("The whole draft")), *((one.pk, f"{one.number} {one.text[:20]}…".strip()) for one in sections)]


class AnswerForm(forms.Form):
    """What became of opinions."""

    taken = forms.ChoiceField(label=_("What became of it"), choices=[(code, words[0]) for code, words in Answer.WORDS.items()], widget=forms.RadioSelect)
    reason = _text(_("Why"), 2, max_length=2000)


class ResultForm(forms.Form):
    """What came of a consultation."""

    result = _text(_("What came of it"), 3, max_length=4000)


assert set(LINK_WORDS) == set(Link.Kind.values)
