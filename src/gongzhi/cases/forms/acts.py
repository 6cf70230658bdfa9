"""Forms of acts on one case, by one actor, at one moment."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import queries, rating, rules
from gongzhi.cases.forms.fields import WORKING_KINDS, PhotosField, area_choices, category_choices, degrees_field, id_field, organ_choices, text_field
from gongzhi.cases.forms.words import GROUND_WORDS, RATING_WORDS, SEVERITY_WORDS, TAG_WORDS, UNIT_WORDS
from gongzhi.cases.models import VERDICT_WORDS
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import ANYONE, Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


class ActForm(forms.Form):
    """A form of one act on one case, by one actor, at one moment."""

    use_required_attribute = True
    has_photos = False

    def __init__(self, data: Any = None, files: Any = None, *, case: "Case", actor: Actor, at: datetime, **more: Any) -> None:
        self.case, self.actor, self.at = case, actor, at
        super().__init__(data, files, auto_id="act_%s", **more)
        self.has_photos = "photos" in self.fields
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the case."""

    def choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _clause_field(**more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Clause of the responsibility list"), **more)


def clause_choices(actor: Actor, case: "Case", on: date) -> list[Any]:
    """Return the clauses of the day's list, those about the case's matter first; first an empty choice."""
    about: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    main = case.category.parent_id or case.category_id if case.category else None
    for line in queries.responsibilities(seen_by=actor, on=on):
        where = str(line.area) if line.area else _("the whole town")
        is_near = main is not None and main in (line.category_id, line.category.parent_id)
        (about if is_near else others).append((line.clause, f"{line.clause} · {line.category.label} · {where} · {line.lead}"))
    groups = [(_("About this matter"), about), (_("Other matters"), others)]
    return [("", _("Please choose")), *((title, lines) for title, lines in groups if lines)]


class AssignForm(ActForm):
    organ = id_field(_("Unit that leads"))
    clause = _clause_field(required=False)
    text = text_field(_("Note to the unit"), 2000, required=False, help_text=_("Only those who work on the case read this."))

    def prepare(self) -> None:
        on = territory.day_of(seen_by=ANYONE, at=self.at)
        self.choose("organ", organ_choices(self.actor, on, kinds_of_organ=WORKING_KINDS))
        self.choose("clause", clause_choices(self.actor, self.case, on))
        line = queries.suggestions(seen_by=self.actor, cases=[self.case], on=on).get(self.case.pk)
        back = queries.last_returns(seen_by=self.actor, cases=[self.case]).get(self.case.pk)
        if back is not None and line is not None and back.organ_id == line.lead_id:
            self.fields["organ"].help_text = _("%(organ)s has returned it: %(reason)s (%(clause)s). Choose who leads now.") % {
                "organ": back.organ, "reason": back.reason, "clause": back.clause
            }  # fmt: skip
        elif line is not None:
            self.initial.update({"organ": line.lead_id, "clause": line.clause})
            self.fields["organ"].help_text = _("The list names %(organ)s (%(clause)s).") % {"organ": line.lead, "clause": line.clause}


class AcceptForm(ActForm):
    text = text_field(_("What will be done first"), 2000, required=False, help_text=_("Everybody reads this."))


class ReturnForm(ActForm):
    reason = text_field(_("Why it is not yours"), 300)
    clause = _clause_field(help_text=_("By which it is another unit's. A return without its clause is not possible."))

    def prepare(self) -> None:
        self.choose("clause", clause_choices(self.actor, self.case, territory.day_of(seen_by=ANYONE, at=self.at)))


class SettleForm(ActForm):
    organ = id_field(_("Unit that leads"))
    reason = text_field(_("Reason for the decision"), 300)
    clause = _clause_field()

    def prepare(self) -> None:
        on = territory.day_of(seen_by=ANYONE, at=self.at)
        self.choose("organ", organ_choices(self.actor, on, kinds_of_organ=WORKING_KINDS))
        self.choose("clause", clause_choices(self.actor, self.case, on))
        back = queries.last_returns(seen_by=self.actor, cases=[self.case]).get(self.case.pk)
        if self.case.responsibility is not None and (back is None or back.organ_id != self.case.responsibility.lead_id):
            self.initial.update({"organ": self.case.responsibility.lead_id, "clause": self.case.responsibility.clause})


class SuspendForm(ActForm):
    ground = forms.ChoiceField(label=_("Lawful ground"))
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)
    reason = text_field(_("What is waited for"), 300, help_text=_("Everybody reads this."))

    def prepare(self) -> None:
        grounds = kinds.kind_of(self.case.kind).suspendable_on
        self.choose("ground", [("", _("Please choose")), *((ground, GROUND_WORDS[ground]) for ground in grounds)])


class ResumeForm(ActForm):
    text = text_field(_("What has come"), 2000, required=False, help_text=_("Everybody reads this."))


class ExtendForm(ActForm):
    amount = forms.IntegerField(label=_("How much more"), min_value=1, max_value=3650)
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)
    reason = text_field(_("Reason"), 300, help_text=_("Everybody reads this."))

    def prepare(self) -> None:
        view = queries.clock_of(seen_by=self.actor, case=self.case, at=self.at, explained=False)
        if view is not None:
            definition = queries.procedure_of(seen_by=self.actor, case=self.case)
            most = view.clock.amount * definition.extension_at_most_percent // 100 - view.clock.extended_by
            self.fields["amount"].help_text = _("In %(unit)s, at most %(most)s.") % {"unit": UNIT_WORDS[view.clock.unit], "most": max(0, most)}


class AnswerForm(ActForm):
    public_text = text_field(_("Result"), 8000, 5, help_text=_("Everybody reads this: what was done, by whom, with what effect."))
    internal_text = text_field(_("For colleagues only"), 8000, 2, required=False)
    photos = PhotosField(help_text=_("After, from where the first photo was taken."))


class VerifyForm(ActForm):
    text = text_field(_("What you saw"), 2000, help_text=_("Everybody reads this."))
    photos = PhotosField()
    on_site = forms.BooleanField(label=_("I stood there"), required=False, initial=True)
    longitude = degrees_field(180)
    latitude = degrees_field(90)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        placed = cleaned.get("longitude") is not None and cleaned.get("latitude") is not None
        if not placed:
            cleaned["longitude"] = cleaned["latitude"] = None
        if cleaned.get("on_site") and not cleaned.get("photos") and not placed and "photos" not in self.errors:
            self.add_error("photos", _("Add a photo or your position, to show that you were there."))
        return cleaned


class CloseForm(ActForm):
    outcome = forms.CharField(label=_("Outcome in one sentence"), max_length=200, required=False)


class CloseUnverifiedForm(ActForm):
    outcome = forms.CharField(label=_("Why without a check"), max_length=200, help_text=_("Shown on the case for ever."))


class ReopenForm(ActForm):
    reason = text_field(_("What is not solved"), 300)


class RejectForm(ActForm):
    reason = text_field(_("Why it is not accepted, and where to turn"), 300, help_text=_("Whoever raised it reads this."))
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)


class WithdrawForm(ActForm):
    reason = text_field(_("Why"), 300, required=False)


class MergeForm(ActForm):
    into = forms.CharField(label=_("Number of the case it repeats"), max_length=60, help_text=_("Such as 2026-01847 or the whole number."))
    text = text_field(_("Note"), 2000, required=False, help_text=_("Everybody reads this."))

    def clean_into(self) -> "Case":
        given = self.cleaned_data["into"].strip()
        try:
            found: Case | None = queries.case_for(seen_by=self.actor, slug=given)
        except ObjectDoesNotExist:
            found = queries.case_by_number(seen_by=self.actor, number=given)
        if found is None:
            raise ValidationError(_("There is no case with this number."))
        if found.pk == self.case.pk:
            raise ValidationError(_("A case cannot be merged into itself."))
        return found


class ReferForm(ActForm):
    to_kind = forms.ChoiceField(label=_("Refer as"))
    reason = text_field(_("Reason"), 300)

    def prepare(self) -> None:
        self.choose("to_kind", [("", _("Please choose")), *((kind.code, kind.title) for kind in kinds.referable(self.case.kind))])


class JoinForm(ActForm):
    organ = id_field(_("Unit or firm"))
    task = text_field(_("Its task"), 200, 2)
    required = forms.BooleanField(label=_("The case waits for it"), required=False, initial=True)
    is_order = forms.BooleanField(label=_("This is an order to a firm"), required=False)
    amount = forms.IntegerField(label=_("Time limit"), min_value=1, max_value=3650, initial=3)
    unit = forms.ChoiceField(label=_("counted in"), choices=list(UNIT_WORDS.items()), initial="working_days")

    def prepare(self) -> None:
        self.choose("organ", organ_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at), but=[self.case.lead_id]))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_order") and cleaned.get("organ"):
            organ = organs.organ_for(seen_by=self.actor, organ_id=cleaned["organ"])
            if organ.kind != "enterprise":
                self.add_error("is_order", _("Only firms are given orders; units are asked."))
        return cleaned


def _tasks(form: "ActForm", *, stopped: bool | None = None) -> list[Any]:
    """Return the choices of waiting tasks that this actor may work on, with or without a stopped clock."""
    mine = [one for one in queries.tasks_of_case(seen_by=form.actor, case=form.case) if one.is_waiting and rules.may_answer_join(form.actor, one)]
    return [(one.pk, f"{one.organ}：{one.title}" if one.organ else one.title) for one in mine if stopped is None or one.is_stopped == stopped]


class JoinAnswerForm(ActForm):
    task = id_field(_("Task"))
    verdict = forms.ChoiceField(label=_("Opinion"), required=False, widget=forms.RadioSelect, choices=list(VERDICT_WORDS.items()))
    result = text_field(_("What was done"), 8000)
    photos = PhotosField()

    def prepare(self) -> None:
        self.choose("task", _tasks(self))
        asked = [one for one in queries.tasks_of_case(seen_by=self.actor, case=self.case) if one.is_waiting and rules.may_answer_join(self.actor, one)]
        if not any(one.asks == "opinion" for one in asked):
            self.fields["verdict"].widget = forms.HiddenInput()


class JoinReturnForm(ActForm):
    task = id_field(_("Task"))
    reason = text_field(_("Reason"), 300)

    def prepare(self) -> None:
        self.choose("task", _tasks(self))


class JoinStopForm(ActForm):
    task = id_field(_("Task"))
    ground = forms.ChoiceField(label=_("Lawful ground"))
    basis = forms.CharField(label=_("The rule that allows it"), max_length=200)
    reason = text_field(_("Reason"), 300)

    def prepare(self) -> None:
        self.choose("task", _tasks(self, stopped=False))
        self.choose("ground", [(ground, GROUND_WORDS[ground]) for ground in kinds.kind_of(self.case.kind).suspendable_on])


class JoinResumeForm(ActForm):
    task = id_field(_("Task"))
    text = text_field(_("What has come in"), 2000, required=False)

    def prepare(self) -> None:
        self.choose("task", _tasks(self, stopped=True))


class JoinGiveOnForm(ActForm):
    task = id_field(_("Task"))
    organ = id_field(_("Unit"))
    reason = text_field(_("Note to the unit"), 300, required=False)

    def prepare(self) -> None:
        back = [one for one in queries.tasks_of_case(seen_by=self.actor, case=self.case) if one.state == "returned"]
        self.choose("task", [(one.pk, one.title) for one in back])
        self.choose("organ", organ_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at), but=[one.organ_id for one in back]))


class EndPartyForm(ActForm):
    party = id_field(_("Who"))
    reason = text_field(_("Reason"), 300, required=False)

    def prepare(self) -> None:
        ending = queries.parties_to_end(seen_by=self.actor, case=self.case)
        self.choose("party", [(one.pk, f"{one.organ or one.person}（{one.role_word}）") for one in ending])


class DecideForm(ActForm):
    """The form of a named result: what the procedure asks for with it, no more."""

    result = forms.ChoiceField(label=_("Result"))
    clause = forms.CharField(label=_("Rule it rests on"), max_length=200, required=False)
    text = text_field(_("Reason and result, in words that whoever asked can read"), 8000, required=False)
    internal_text = text_field(_("Note for those who work on it"), 4000, required=False)
    photos = PhotosField()

    def prepare(self) -> None:
        found = queries.results_now(seen_by=self.actor, case=self.case)
        language = get_language() or "zh"
        self.choose("result", [(one.code, one.words(language)) for one in found])
        chosen = next((one for one in found if one.code == (self.data.get("result") or self.initial.get("result"))), None)
        if chosen is not None:
            self.fields["text"].required = chosen.text == "required"
            self.fields["clause"].required = chosen.clause == "required"
        if not rules.sees_internal(self.actor, self.case):
            self.fields["internal_text"].widget = forms.HiddenInput()


class NoteForm(ActForm):
    text = text_field(_("Note"), 4000)
    internal = forms.BooleanField(label=_("Only for those who work on the case"), required=False, initial=True)
    photos = PhotosField()

    def prepare(self) -> None:
        if not rules.sees_internal(self.actor, self.case):
            del self.fields["internal"]


class UrgeForm(ActForm):
    text = text_field(_("What is urgent"), 500, 2, required=False)


class RateForm(ActForm):
    level = forms.TypedChoiceField(
        label=_("How was this handled?"), coerce=int,
        choices=list(RATING_WORDS.items()),
        widget=forms.RadioSelect,
    )  # fmt: skip
    solved = forms.TypedChoiceField(
        label=_("Is it solved?"), required=False, coerce=lambda value: value == "yes", empty_value=None,
        choices=[("yes", _("Solved")), ("no", _("Not solved"))], widget=forms.RadioSelect,
    )  # fmt: skip
    tags = forms.MultipleChoiceField(
        label=_("What was it like?"), required=False, choices=[(tag, TAG_WORDS[tag]) for tag in rating.TAGS], widget=forms.CheckboxSelectMultiple
    )
    text = text_field(_("In your words"), 1000, required=False)


class FollowUpForm(ActForm):
    follow_up = id_field(_("Rating"))
    text = text_field(_("What was said"), 4000)

    step = "called"

    def prepare(self) -> None:
        may = rules.may_call_back if self.step == "called" else rules.may_put_right
        wanted = "to_call" if self.step == "called" else "to_put_right"
        mine = [one for one in queries.follow_ups(seen_by=self.actor, case=self.case) if one.state == wanted and may(self.actor, one)]
        self.choose("follow_up", [(one.pk, self.words(one)) for one in mine])

    def words(self, one: Any) -> str:
        """Say which rating it is, and whether whoever gave it can be called."""
        parts = [str(RATING_WORDS[one.rating.level]), f"{one.opened_at:%Y-%m-%d}"]
        return " · ".join([*parts, *([] if one.can_be_called or self.step != "called" else [str(_("no telephone number: answer in writing"))])])


class CallBackForm(FollowUpForm):
    text = text_field(_("What was said"), 4000, required=False)
    answer = text_field(
        _("Written answer"), 4000, required=False,
        help_text=_("Only whoever rated reads it, where they follow the case. Needed where there is no number to call."),
    )  # fmt: skip

    def prepare(self) -> None:
        super().prepare()
        self.waiting = {one.pk: one for one in queries.follow_ups(seen_by=self.actor, case=self.case)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        found = self.waiting.get(cleaned.get("follow_up") or 0)
        needed = "answer" if found is not None and not found.can_be_called else "text"
        if not cleaned.get(needed, "").strip() and needed not in self.errors:
            self.add_error(needed, self.fields[needed].error_messages["required"])
        return cleaned


class PutRightForm(FollowUpForm):
    step = "put_right"
    text = text_field(_("How it was put right"), 4000, help_text=_("This is published."))


class ReclassifyForm(ActForm):
    category = id_field(_("Category"))
    reason = text_field(_("Reason"), 300, required=False)

    def prepare(self) -> None:
        self.choose("category", category_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at)))
        self.initial["category"] = self.case.category_id


class SeverityForm(ActForm):
    severity = id_field(_("Severity"))
    reason = text_field(_("Reason"), 300, required=False)

    def prepare(self) -> None:
        self.choose("severity", [(level, words) for level, words in SEVERITY_WORDS.items() if level > self.case.severity])


class MoveProcedureForm(ActForm):
    procedure = id_field(_("Version"))
    reason = text_field(_("Reason"), 300)

    def prepare(self) -> None:
        versions = queries.procedure_versions(
            seen_by=self.actor, kind=self.case.kind, variant=self.case.procedure.variant if self.case.procedure else ""
        )
        self.choose("procedure", [(one.pk, f"v{one.version} · {one.reason}") for one in versions if one.pk != self.case.procedure_id])


class ShowContactForm(ActForm):
    purpose = forms.CharField(label=_("What you need it for"), max_length=80, help_text=_("The look stands in the public ledger, without the contact itself."))
    field = forms.ChoiceField(label=_("Show"), choices=[("phone", _("Telephone")), ("name", _("Name of the person"))])


class FollowForm(ActForm):
    pass


class PlaceForm(ActForm):
    area = id_field(_("Grid"), required=False)
    longitude = degrees_field(180)
    latitude = degrees_field(90)
    address = forms.CharField(label=_("Place in words"), max_length=200, required=False)

    def prepare(self) -> None:
        self.choose("area", area_choices(self.actor, level="grid"))
        self.initial.update({"address": self.case.address, "longitude": self.case.longitude, "latitude": self.case.latitude})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("area") is None and cleaned.get("longitude") is None:
            self.add_error("area", _("Choose a grid, or set the pin."))
        return cleaned
