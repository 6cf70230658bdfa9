"""What people type to act on a case or on the lists by which the town works: parsed and checked for shape, never saved.

Field names are those that refusals of the operations name, so that a refusal lands beside its input.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries, rating, rules
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case

MOST_PHOTOS = 9
MOST_BYTES = 20_000_000

UNIT_WORDS = {
    "working_days": _("working days"), "working_hours": _("working hours"), "hours": _("hours, round the clock"), "calendar_days": _("calendar days"),
}  # fmt: skip
GROUND_WORDS = {
    "correction": _("Waiting for the applicant's correction"), "public_notice": _("Public notice"), "expert_review": _("Expert review"),
    "hearing": _("Hearing"), "force_majeure": _("Force majeure"),
}  # fmt: skip
ORGAN_KIND_WORDS = {
    "committee": _("Management committee"), "department": _("Departments"), "subdistrict": _("Subdistrict office"), "station": _("Community stations"),
    "stewards": _("Stewards"), "operator": _("Operators"), "council": _("Residents' council"), "enterprise": _("Firms"),
    "social": _("Social organisations"), "superior": _("Superior government"),
}  # fmt: skip
SEVERITY_WORDS = {1: _("Ordinary"), 2: _("Raised"), 3: _("Grave"), 4: _("Emergency")}
LIFE_WORDS = {"work": _("Production"), "home": _("Living"), "eco": _("Ecology")}
SORT_WORDS = {"occurrence": _("Occurrence"), "component": _("Component")}
TAG_WORDS = {
    "slow": _("Too slow"), "not_solved": _("Not solved"), "rude": _("Unfriendly"), "not_told": _("I was not told"),
    "solved_well": _("Well solved"), "quick": _("Quick"), "friendly": _("Friendly"), "explained": _("Well explained"),
}  # fmt: skip

RATING_WORDS = {1: _("Very dissatisfied"), 2: _("Dissatisfied"), 3: _("Basically satisfied"), 4: _("Satisfied"), 5: _("Very satisfied")}


# ---- fields ---------------------------------------------------------------------------------------------------------
class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class PhotosField(forms.FileField):
    """Several photos or papers; what is in them is looked at by the attachments' own operation."""

    widget = SeveralFiles

    def __init__(self, **more: Any) -> None:
        more.setdefault("label", _("Photos"))
        more.setdefault("required", False)
        attributes = {"accept": "image/*,application/pdf", "data-photos": "", "data-word-remove": str(_("Take away photo"))}
        super().__init__(widget=SeveralFiles(attrs=attributes), **more)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = [one for one in (data if isinstance(data, list | tuple) else [data]) if one]
        if self.required and not given:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(given) > MOST_PHOTOS:
            raise ValidationError(_("At most %(most)s photos."), params={"most": MOST_PHOTOS})
        for one in given:
            if (one.size or 0) > MOST_BYTES:
                raise ValidationError(_("%(name)s is larger than %(most)s MB."), params={"name": one.name, "most": MOST_BYTES // 1_000_000})
        return [super(PhotosField, self).clean(one, initial) for one in given]


def _text(label: Any, most: int, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": str(rows)}), **more)


def _degrees(most: int) -> forms.FloatField:
    return forms.FloatField(min_value=-most, max_value=most, required=False, widget=forms.HiddenInput)


def organ_choices(actor: Actor, on: date, *, kinds_of_organ: Iterable[str] = (), but: Iterable[int | None] = ()) -> list[Any]:
    """Return the open organs grouped by kind, for a select; first an empty choice."""
    left_out = set(but)
    wanted = set(kinds_of_organ)
    groups: dict[str, list[tuple[int, str]]] = {}
    for organ in organs.open_organs(seen_by=actor, on=on):
        if organ.pk not in left_out and (not wanted or organ.kind in wanted):
            groups.setdefault(organ.kind, []).append((organ.pk, str(organ)))
    return [("", _("Please choose")), *((ORGAN_KIND_WORDS.get(kind, kind), found) for kind, found in groups.items())]


WORKING_KINDS = ("department", "station", "subdistrict", "stewards", "operator", "council", "committee", "social")


def category_choices(actor: Actor, on: date, *, for_public: bool | None = None) -> list[Any]:
    """Return the leaf categories grouped by their main class, for a select; first an empty choice."""
    found = queries.categories_in_force(seen_by=actor, on=on, for_public=for_public)
    branches = {category.parent_id for category in found}
    groups: dict[str, list[tuple[int, str]]] = {}
    for category in found:
        if category.pk in branches:
            continue
        head = category.parent.label if category.parent else str(LIFE_WORDS.get(category.life, ""))
        groups.setdefault(head, []).append((category.pk, category.label))
    return [("", _("Please choose")), *groups.items()]


def area_choices(actor: Actor, *, level: str = "", empty: Any = None) -> list[Any]:
    """Return the areas of a level (or all below the town) in order of their paths, deeper ones indented."""
    found = [area for area in territory.areas(seen_by=actor).defer("boundary") if (area.level == level if level else area.level != "town")]
    indent = {"grid": "　", "community": "", "park": ""}
    return [("", empty or _("Please choose")), *((area.pk, f"{'' if level else indent.get(area.level, '')}{area.name}") for area in found)]


# ---- acts on a case -------------------------------------------------------------------------------------------------
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


def _id_field(label: Any, **more: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, **more)


class AssignForm(ActForm):
    organ = _id_field(_("Unit that leads"))
    clause = forms.CharField(label=_("Clause of the responsibility list"), max_length=200, required=False)
    text = _text(_("Note to the unit"), 2000, required=False, help_text=_("Only those who work on the case read this."))

    def prepare(self) -> None:
        self.choose("organ", organ_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at), kinds_of_organ=WORKING_KINDS))
        line = queries.suggestions(seen_by=self.actor, cases=[self.case], on=territory.day_of(seen_by=ANYONE, at=self.at)).get(self.case.pk)
        if line is not None:
            self.initial.update({"organ": line.lead_id, "clause": line.clause})
            self.fields["organ"].help_text = _("The list names %(organ)s (%(clause)s).") % {"organ": line.lead, "clause": line.clause}


class AcceptForm(ActForm):
    text = _text(_("What will be done first"), 2000, required=False, help_text=_("Everybody reads this."))


class ReturnForm(ActForm):
    reason = _text(_("Why it is not yours"), 300)
    clause = forms.CharField(label=_("Clause of the responsibility list"), max_length=200,
        help_text=_("Such as B-114. A return without its clause is not possible."))


class SettleForm(ActForm):
    organ = _id_field(_("Unit that leads"))
    reason = _text(_("Reason for the decision"), 300)
    clause = forms.CharField(label=_("Clause of the responsibility list"), max_length=200)

    def prepare(self) -> None:
        self.choose("organ", organ_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at), kinds_of_organ=WORKING_KINDS))
        if self.case.responsibility is not None:
            self.initial.update({"organ": self.case.responsibility.lead_id, "clause": self.case.responsibility.clause})


class SuspendForm(ActForm):
    ground = forms.ChoiceField(label=_("Lawful ground"))
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)
    reason = _text(_("What is waited for"), 300, help_text=_("Everybody reads this."))

    def prepare(self) -> None:
        grounds = kinds.kind_of(self.case.kind).suspendable_on
        self.choose("ground", [("", _("Please choose")), *((ground, GROUND_WORDS[ground]) for ground in grounds)])


class ResumeForm(ActForm):
    text = _text(_("What has come"), 2000, required=False, help_text=_("Everybody reads this."))


class ExtendForm(ActForm):
    amount = forms.IntegerField(label=_("How much more"), min_value=1, max_value=3650)
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)
    reason = _text(_("Reason"), 300, help_text=_("Everybody reads this."))

    def prepare(self) -> None:
        view = queries.clock_of(seen_by=self.actor, case=self.case, at=self.at, explained=False)
        if view is not None:
            definition = queries.procedure_of(seen_by=self.actor, case=self.case)
            most = view.clock.amount * definition.extension_at_most_percent // 100 - view.clock.extended_by
            self.fields["amount"].help_text = _("In %(unit)s, at most %(most)s.") % {"unit": UNIT_WORDS[view.clock.unit], "most": max(0, most)}


class AnswerForm(ActForm):
    public_text = _text(_("Result"), 8000, 5, help_text=_("Everybody reads this: what was done, by whom, with what effect."))
    internal_text = _text(_("For colleagues only"), 8000, 2, required=False)
    photos = PhotosField(help_text=_("After, from where the first photo was taken."))


class VerifyForm(ActForm):
    text = _text(_("What you saw"), 2000, help_text=_("Everybody reads this."))
    photos = PhotosField()
    on_site = forms.BooleanField(label=_("I stood there"), required=False, initial=True)
    longitude = _degrees(180)
    latitude = _degrees(90)

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
    reason = _text(_("What is not solved"), 300)


class RejectForm(ActForm):
    reason = _text(_("Why it is not accepted, and where to turn"), 300, help_text=_("Whoever raised it reads this."))
    basis = forms.CharField(label=_("Rule and clause"), max_length=200)


class WithdrawForm(ActForm):
    reason = _text(_("Why"), 300, required=False)


class MergeForm(ActForm):
    into = forms.CharField(label=_("Number of the case it repeats"), max_length=60, help_text=_("Such as 2026-01847 or the whole number."))
    text = _text(_("Note"), 2000, required=False, help_text=_("Everybody reads this."))

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
    reason = _text(_("Reason"), 300)

    def prepare(self) -> None:
        self.choose("to_kind", [("", _("Please choose")), *((kind.code, kind.title) for kind in kinds.kinds() if kind.code != self.case.kind)])


class JoinForm(ActForm):
    organ = _id_field(_("Unit or firm"))
    task = _text(_("Its task"), 200, 2)
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


class JoinAnswerForm(ActForm):
    co_handling = _id_field(_("Task"))
    result = _text(_("What was done"), 8000)
    photos = PhotosField()

    def prepare(self) -> None:
        mine = [one for one in queries.co_handlings(seen_by=self.actor, case=self.case) if one.is_waiting and rules.may_answer_join(self.actor, one)]
        self.choose("co_handling", [(one.pk, f"{one.organ}：{one.task}") for one in mine])


class NoteForm(ActForm):
    text = _text(_("Note"), 4000)
    internal = forms.BooleanField(label=_("Only for those who work on the case"), required=False, initial=True)
    photos = PhotosField()

    def prepare(self) -> None:
        if not rules.sees_internal(self.actor, self.case):
            del self.fields["internal"]


class UrgeForm(ActForm):
    text = _text(_("What is urgent"), 500, 2, required=False)


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
    text = _text(_("In your words"), 1000, required=False)


class FollowUpForm(ActForm):
    follow_up = _id_field(_("Rating"))
    text = _text(_("What was said"), 4000)

    step = "called"

    def prepare(self) -> None:
        may = rules.may_call_back if self.step == "called" else rules.may_put_right
        wanted = "to_call" if self.step == "called" else "to_put_right"
        mine = [one for one in queries.follow_ups(seen_by=self.actor, case=self.case) if one.state == wanted and may(self.actor, one)]
        self.choose("follow_up", [(one.pk, f"{RATING_WORDS[one.rating.level]} · {one.opened_at:%Y-%m-%d}") for one in mine])


class CallBackForm(FollowUpForm):
    pass


class PutRightForm(FollowUpForm):
    step = "put_right"
    text = _text(_("How it was put right"), 4000, help_text=_("This is published."))


class ReclassifyForm(ActForm):
    category = _id_field(_("Category"))
    reason = _text(_("Reason"), 300, required=False)

    def prepare(self) -> None:
        self.choose("category", category_choices(self.actor, territory.day_of(seen_by=ANYONE, at=self.at)))
        self.initial["category"] = self.case.category_id


class SeverityForm(ActForm):
    severity = _id_field(_("Severity"))
    reason = _text(_("Reason"), 300, required=False)

    def prepare(self) -> None:
        self.choose("severity", [(level, words) for level, words in SEVERITY_WORDS.items() if level > self.case.severity])


class MoveProcedureForm(ActForm):
    procedure = _id_field(_("Version"))
    reason = _text(_("Reason"), 300)

    def prepare(self) -> None:
        versions = queries.procedure_versions(seen_by=self.actor, kind=self.case.kind)
        self.choose("procedure", [(one.pk, f"v{one.version} · {one.reason}") for one in versions if one.pk != self.case.procedure_id])


class ShowContactForm(ActForm):
    purpose = forms.CharField(label=_("What you need it for"), max_length=80, help_text=_("The look stands in the public ledger, without the contact itself."))
    field = forms.ChoiceField(label=_("Show"), choices=[("phone", _("Telephone")), ("name", _("Name"))])


class FollowForm(ActForm):
    pass


class PlaceForm(ActForm):
    area = _id_field(_("Grid"), required=False)
    longitude = _degrees(180)
    latitude = _degrees(90)
    address = forms.CharField(label=_("Place in words"), max_length=200, required=False)

    def prepare(self) -> None:
        self.choose("area", area_choices(self.actor, level="grid"))
        self.initial.update({"address": self.case.address, "longitude": self.case.longitude, "latitude": self.case.latitude})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("area") is None and cleaned.get("longitude") is None:
            self.add_error("area", _("Choose a grid, or set the pin."))
        return cleaned


# ---- intake at the desk ---------------------------------------------------------------------------------------------
class IntakeForm(forms.Form):
    """A need that an operator types for whoever calls 代录."""

    kind = forms.ChoiceField(label=_("What sort of case"))
    category = _id_field(_("Category"), required=False)
    title = forms.CharField(label=_("In one sentence"), max_length=120)
    text = _text(_("In the caller's words"), 8000, 5, required=False)
    address = forms.CharField(label=_("Where"), max_length=200, required=False, widget=forms.TextInput(attrs={"list": "places", "autocomplete": "off"}))
    longitude = _degrees(180)
    latitude = _degrees(90)
    origin = forms.ChoiceField(label=_("How it came in"))
    name = forms.CharField(label=_("Caller's name"), max_length=40, required=False)
    phone = forms.CharField(label=_("Caller's telephone"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    severity = _id_field(_("Severity"), required=False)
    photos = PhotosField()
    key = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, actor: Actor, at: datetime, **more: Any) -> None:
        super().__init__(data, files, auto_id="new_%s", **more)
        open_kinds = [kind for kind in kinds.kinds() if rules.may_open(actor, kind)]
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
        phone = "".join(ch for ch in self.cleaned_data["phone"] if ch.isdigit() or ch == "+")
        if phone and not 5 <= len(phone.lstrip("+")) <= 15:
            raise ValidationError(_("A telephone number has 5 to 15 digits."))
        return phone


# ---- desk -----------------------------------------------------------------------------------------------------------
class SaveViewForm(forms.Form):
    title = forms.CharField(label=_("Name of the view"), max_length=30)
    query = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)


# ---- the lists by which the town works --------------------------------------------------------------------------------
class CategoryForm(forms.Form):
    code = forms.CharField(label=_("Code"), max_length=20)
    name = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=100, required=False)
    life = forms.ChoiceField(label=_("Life"), choices=list(LIFE_WORDS.items()))
    parent = _id_field(_("Main class"), required=False)
    sort = forms.ChoiceField(label=_("Component or occurrence"), choices=list(SORT_WORDS.items()))
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=list(SEVERITY_WORDS.items()))
    limit_amount = forms.IntegerField(label=_("Time limit"), min_value=1, max_value=3650)
    limit_unit = forms.ChoiceField(label=_("counted in"), choices=list(UNIT_WORDS.items()))
    basis = forms.CharField(label=_("Rule that sets the limit, with its clause"), max_length=200, required=False)
    keywords = forms.CharField(label=_("Words people use for it"), max_length=300, required=False, help_text=_("With spaces between them."))
    description = _text(_("Description in Chinese"), 300, 2, required=False)
    description_en = _text(_("Description in English"), 300, 2, required=False)
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
    category = _id_field(_("Category"))
    area = _id_field(_("Area"), required=False, help_text=_("Empty: the whole town."))
    lead = _id_field(_("Unit that leads"))
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
    definition = _text(_("Definition (YAML)"), 60_000, 24)
    reason = _text(_("Reason for the new version"), 300, 2)
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
