"""Office hours and the town's own days as an administrator writes them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class HoursForm(forms.Form):
    """Office hours from a day on."""

    shifts = forms.CharField(label=_("Office hours"), max_length=120, help_text=_("Such as 08:30-12:00, 13:30-17:00."))
    valid_from = _day(_("From"))
    reason = forms.CharField(label=_("Why"), max_length=120, required=False)

    def clean_shifts(self) -> list[list[str]]:
        """Return the parts of the day as pairs of texts; whether they can be used is for the operation to say."""
        text = self.cleaned_data["shifts"]
        for foreign, mark in (("，", ","), ("、", ","), ("–", "-"), ("—", "-"), ("至", "-"), ("~", "-"), ("：", ":")):
            text = text.replace(foreign, mark)
        return [[part.strip() for part in pair.split("-", 1)] if "-" in pair else [pair.strip(), ""] for pair in text.split(",") if pair.strip()]


class DayForm(forms.Form):
    """A day on which the town works or rests otherwise than the nation."""

    day = _day(_("Day"))
    is_working = forms.TypedChoiceField(
        label=_("On that day the town"),
        coerce=lambda given: given == "1",
        choices=[("0", _("rests")), ("1", _("works"))],
        widget=forms.RadioSelect,
        initial="0",
    )
    reason = forms.CharField(label=_("Why"), max_length=80, help_text=_("People read it where a due time is explained."))
