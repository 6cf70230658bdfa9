"""The shape of what people type about rules of warnings: a form a cause, with the numbers that count for it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.management_line.warnings.models import WarningRule

SEVERITIES = [(2, _("serious")), (1, _("ordinary")), (3, _("grave")), (4, _("emergency"))]


class RuleForm(forms.Form):
    """A new rule. `where` is station:<code>, kind:<kind> or empty for the whole town."""

    title = forms.CharField(label=_("Name of the rule"), max_length=60)
    where = forms.ChoiceField(label=_("For which stations?"), required=False)
    factor = forms.ChoiceField(label=_("Of what?"))
    threshold = forms.FloatField(label=_("Threshold"), min_value=0)
    window_minutes = forms.IntegerField(label=_("Over how many minutes?"), min_value=5, max_value=2880, initial=60)
    direction = forms.ChoiceField(label=_("Which way?"), choices=[("either", _("up or down")), ("up", _("up")), ("down", _("down"))])
    repeats = forms.IntegerField(label=_("How many?"), min_value=1, max_value=1000)
    tolerance = forms.FloatField(label=_("Tolerance"), min_value=0, initial=0)
    radius_km = forms.FloatField(label=_("Stations at most how many kilometres apart?"), min_value=0.01, max_value=200, initial=5)
    horizon_hours = forms.IntegerField(label=_("How many hours ahead?"), min_value=1, max_value=24, initial=12)
    count = forms.IntegerField(label=_("Times in a row that begin an alarm"), min_value=1, max_value=20, initial=1)
    clean_count = forms.IntegerField(label=_("Clean times in a row that end it"), min_value=1, max_value=100, initial=3)
    severity = forms.TypedChoiceField(label=_("Severity"), coerce=int, choices=SEVERITIES)
    category = forms.TypedChoiceField(label=_("Category of its case"), coerce=int, empty_value=None, required=False)
    clause = forms.CharField(label=_("Clause or reason"), max_length=200)
    valid_from = forms.DateField(label=_("In force from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    # which fields count for a cause, with the words of those that mean something else each time: (label, hint, initial)
    OWN: dict[str, dict[str, tuple[Any, Any, Any]]] = {
        "rate": {
            "factor": (None, "", None), "direction": (None, "", None),
            "threshold": (_("Change an hour that is too much"), _("in the unit of what is measured"), None),
            "window_minutes": (None, _("from three readings then to three readings now"), 60), "count": (None, _("it is judged every five minutes"), 2),
        },
        "silence": {
            "threshold": (_("Minutes of silence that are too many"), "", 30),
            "repeats": (_("And at least how many missed reports?"), _("for devices that report seldom"), 3),
        },
        "frozen": {
            "factor": (None, _("one that should vary"), None), "repeats": (_("Equal readings in a row"), "", 12),
            "threshold": (_("And for more than how many minutes?"), "", 60),
            "tolerance": (_("Counts as equal within"), _("in the unit of what is measured"), 0),
        },
        "neighbours": {
            "factor": (None, "", None), "threshold": (_("By how many usual scatters may they differ?"), _("the usual scatter is that of the last 14 days"), 6),
            "tolerance": (_("A difference that is always borne"), _("in the unit of what is measured, beyond the usual difference"), 0),
            "radius_km": (None, _("for air and noise; water is compared along its flow"), 5), "count": (None, _("it is judged every hour"), 2),
        },
        "forecast": {
            "factor": (None, "", None), "horizon_hours": (None, "", 12), "threshold": (_("A limit of its own"), _("empty: the limit that is in force"), None),
            "count": (None, _("it is judged every hour"), 1),
        },
    }  # fmt: skip
    SPECIAL = frozenset({"factor", "threshold", "window_minutes", "direction", "repeats", "tolerance", "radius_km", "horizon_hours", "count"})

    def __init__(self, cause: str, where: list[tuple[str, str]], measured: list[tuple[str, str]], categories: list[tuple[int, str]], *given: Any,
                 **more: Any) -> None:  # fmt: skip
        super().__init__(*given, **more)
        own = self.OWN[cause]
        for name in self.SPECIAL - own.keys():
            del self.fields[name]
        for name, (label, hint, initial) in own.items():
            field = self.fields[name]
            field.label, field.help_text = label or field.label, hint
            field.initial = initial if initial is not None else field.initial
        if cause == "forecast":
            self.fields["threshold"].required = False
        self.fields["title"].initial = WarningRule.CAUSE_WORDS[cause][0]
        self.fields["where"].choices = [("", _("all stations of the town")), *where]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("none: the dispatcher decides")), *categories]  # type: ignore[attr-defined]
        if "factor" in self.fields:
            self.fields["factor"].choices = measured  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """The day from which a rule no longer holds."""

    valid_to = forms.DateField(label=_("Holds until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
