"""What a reader narrows the evaluation by."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries as cases
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor

MOST_DAYS = 1830
WORKING_KINDS = ("committee", "department", "subdistrict", "station", "stewards", "operator", "council")


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProcessForm(forms.Form):
    """A span of days, a community, an organ. What is left out narrows nothing."""

    since = forms.DateField(label=_("Received from"), required=False, widget=_day_input())
    until = forms.DateField(label=_("up to and including"), required=False, widget=_day_input())
    area = forms.CharField(label=_("Community"), required=False, max_length=20)
    organ = forms.CharField(label=_("Leading unit"), required=False, max_length=40)

    def __init__(self, *arguments: Any, actor: Actor, at: datetime, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.actor = actor
        self.town = territory.town(seen_by=actor)
        self.today = territory.day_of(seen_by=actor, at=at)
        self.areas = [area for area in territory.present_areas(seen_by=actor) if area.level in ("community", "park")]
        self.organs = [organ for organ in organs.organs(seen_by=actor) if organ.kind in WORKING_KINDS and organ.closed_on is None]

    def clean_area(self) -> Any:
        code = self.cleaned_data["area"]
        found = next((area for area in self.areas if area.code == code), None)
        if code and found is None:
            raise forms.ValidationError(_("There is no community with this code."))
        return found

    def clean_organ(self) -> Any:
        code = self.cleaned_data["organ"]
        found = next((organ for organ in self.organs if organ.code == code), None)
        if code and found is None:
            raise forms.ValidationError(_("There is no unit with this code."))
        return found

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        until: date = told.get("until") or self.today
        since: date = told.get("since") or until - timedelta(days=89)
        if since > until:
            self.add_error("since", _("The first day must not lie after the last."))
        elif (until - since).days >= MOST_DAYS:
            self.add_error("since", _("At most five years can be looked at together."))
        elif timedelta(days=(until - since).days + 1) < cases.least_span(seen_by=self.actor):
            self.add_error("since", _("Figures for everybody are of a week at least."))
        return told | {"since": since, "until": until}

    @property
    def asked(self) -> dict[str, Any]:
        """Return what `queries.process` takes; ask only after `is_valid`."""
        told = self.cleaned_data
        area, organ = told["area"], told["organ"]
        return {
            "since": datetime.combine(told["since"], time(), self.town.zone),
            "until": datetime.combine(told["until"] + timedelta(days=1), time(), self.town.zone),
            "area_path": area.path if area else "", "organ_id": organ.pk if organ else None,
        }  # fmt: skip
