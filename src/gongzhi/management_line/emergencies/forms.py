"""What people type about emergencies: parsed and checked for shape, never saved."""

from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.management_line.emergencies.models import LEVEL_WORDS

SEVERITIES = [("Severe", _("orange: severe")), ("Extreme", _("red: extreme")), ("Moderate", _("yellow: moderate")), ("Minor", _("blue: minor"))]


def _area(rows: str = "3") -> Any:
    return forms.Textarea(attrs={"rows": rows})


class PlanForm(forms.Form):
    """A version of a plan, as YAML."""

    code = forms.SlugField(label=_("Short name of the plan"), max_length=40, help_text=_("Latin letters, such as rain; the same name makes a new version."))
    title = forms.CharField(label=_("Name of the plan"), max_length=80)
    title_en = forms.CharField(label=_("Name in English"), max_length=120, required=False)
    definition = forms.CharField(
        label=_("What the plan says"), max_length=60_000, widget=forms.Textarea(attrs={"rows": "24", "class": "code", "spellcheck": "false"})
    )

    def clean_definition(self) -> Any:
        try:
            return yaml.safe_load(self.cleaned_data["definition"])
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise ValidationError(
                _("Line %(line)s cannot be read: %(why)s"),
                params={"line": mark.line + 1 if mark else "?", "why": getattr(error, "problem", "") or str(error)[:80]},
            ) from error


class DeclareForm(forms.Form):
    """Which plan, which level, for real or as a drill."""

    plan = forms.TypedChoiceField(label=_("Plan"), coerce=int)
    level = forms.TypedChoiceField(label=_("Level"), coerce=int, choices=list(LEVEL_WORDS.items()))
    area = forms.TypedChoiceField(label=_("Where"), coerce=int, empty_value=None, required=False)
    reason = forms.CharField(label=_("What is known"), max_length=1000, widget=_area())
    is_drill = forms.BooleanField(label=_("This is a drill"), required=False)

    def __init__(self, plans: list[tuple[int, str]], areas: list[tuple[int, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["plan"].choices = plans  # type: ignore[attr-defined]
        self.fields["area"].choices = [("", _("the whole town")), *areas]  # type: ignore[attr-defined]


class LevelForm(forms.Form):
    """The level from now on."""

    level = forms.TypedChoiceField(label=_("Level"), coerce=int)
    reason = forms.CharField(label=_("Why"), max_length=1000, widget=_area("2"))

    def __init__(self, levels: list[int], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["level"].choices = [(level, LEVEL_WORDS[level]) for level in levels]  # type: ignore[attr-defined]


class StandDownForm(forms.Form):
    """Why the response may end."""

    reason = forms.CharField(label=_("Why"), max_length=1000, widget=_area("2"))
    anyway = forms.BooleanField(label=_("End it although people are not accounted for; the reason says why"), required=False)


class LogForm(forms.Form):
    """What happened, or what is needed."""

    text = forms.CharField(label=pgettext_lazy("log", "What happened"), max_length=4000, widget=_area("2"))
    sort = forms.ChoiceField(label=_("Sort"), choices=[("note", pgettext_lazy("log", "What happened")), ("resource", _("Resources"))])


class CountForm(forms.Form):
    """People at a place."""

    place = forms.CharField(label=_("Place"), max_length=80)
    expected = forms.IntegerField(label=_("Expected"), min_value=0, max_value=1_000_000)
    arrived = forms.IntegerField(label=_("Have come"), min_value=0, max_value=1_000_000)


class DutyForm(forms.Form):
    """A task that the plan does not have."""

    organ = forms.TypedChoiceField(label=_("Unit"), coerce=int)
    title = forms.CharField(label=_("Task"), max_length=200)
    minutes = forms.IntegerField(label=_("Within how many minutes"), min_value=1, max_value=20_160, initial=30)

    def __init__(self, organs: list[tuple[int, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["organ"].choices = organs  # type: ignore[attr-defined]


class EndDutyForm(forms.Form):
    """What came of a task."""

    done = forms.ChoiceField(label=_("How did it end?"), choices=[("yes", _("Done")), ("no", _("Cannot be done"))], widget=forms.RadioSelect, initial="yes")
    result = forms.CharField(label=_("What was found or done"), max_length=4000, required=False, widget=_area("2"))


class AlertForm(forms.Form):
    """What residents are told."""

    event = forms.CharField(label=_("Danger"), max_length=120, help_text=_("Such as: heavy rain"))
    severity = forms.ChoiceField(label=_("Colour"), choices=SEVERITIES)
    headline = forms.CharField(label=_("Headline"), max_length=200)
    description = forms.CharField(label=_("What is coming"), max_length=2000, required=False, widget=_area())
    instruction = forms.CharField(label=_("What to do"), max_length=2000, required=False, widget=_area())
    headline_en = forms.CharField(label=_("Headline in English"), max_length=300, required=False)
    instruction_en = forms.CharField(label=_("What to do, in English"), max_length=2000, required=False, widget=_area("2"))
    hours = forms.IntegerField(label=_("Holds for how many hours"), min_value=1, max_value=168, initial=12)
    areas = forms.TypedMultipleChoiceField(
        label=_("Where"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None: the whole town.")
    )

    def __init__(self, areas: list[tuple[int, str]], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["areas"].choices = areas  # type: ignore[attr-defined]


class TakeForm(forms.Form):
    """A CAP file of a superior."""

    content = forms.FileField(label=_("CAP file"), help_text=_("CAP 1.2, XML, at most 1 MB"))
