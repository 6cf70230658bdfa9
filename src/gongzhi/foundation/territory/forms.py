"""Areas as an administrator draws them: parsed and checked for shape, never saved."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms

LEVEL_WORDS = {"town": _("Town"), "subdistrict": _("Subdistrict"), "community": _("Community"), "grid": _("Grid"), "park": _("Park")}
MOST_BYTES = 2_000_000


class BoundaryField(forms.CharField):
    """GeoJSON text: a Polygon or MultiPolygon, or a Feature or FeatureCollection that holds exactly one."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": "5", "spellcheck": "false", "class": "mono"}), required=False, **more)

    def clean(self, value: Any) -> dict[str, Any] | None:
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            return geometry(json.loads(text))
        except ValueError as error:
            raise ValidationError(_("This is not GeoJSON with one polygon.")) from error


def geometry(told: Any) -> dict[str, Any]:
    """Return the one geometry of a GeoJSON object; raise ValueError where there is none or more than one."""
    if isinstance(told, dict) and told.get("type") == "FeatureCollection":
        features = told.get("features") or []
        if len(features) != 1:
            raise ValueError("features")
        told = features[0]
    if isinstance(told, dict) and told.get("type") == "Feature":
        told = told.get("geometry")
    if not isinstance(told, dict) or told.get("type") not in ("Polygon", "MultiPolygon"):
        raise ValueError("geometry")
    return told


class AreaForm(forms.Form):
    """An area: its code, its name, the area above it, its boundary (drawn, typed or from a file)."""

    level = forms.ChoiceField(label=_("Sort of area"), choices=list(LEVEL_WORDS.items()))
    parent = forms.TypedChoiceField(label=_("Area above it"), coerce=int, empty_value=None, required=False)
    code = forms.CharField(label=_("Code"), max_length=20, help_text=_("Division code; a grid continues that of its community."))
    name = forms.CharField(label=_("Name of the area"), max_length=80)
    file = forms.FileField(label=_("Boundary from a file"), required=False, help_text=_("GeoJSON, degrees of WGS-84."))
    boundary = BoundaryField(label=_("Boundary as GeoJSON"), help_text=_("Draw it on the map, or paste it here. Empty: the boundary stays as it is."))

    def __init__(self, parents: list[tuple[int, str]], *arguments: Any, fixed: bool = False, **more: Any) -> None:
        super().__init__(*arguments, **more)
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ChoiceField)
        parent.choices = [("", _("None")), *parents]
        if fixed:
            self.fields["code"].disabled = True

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        if file is not None:
            if file.size > MOST_BYTES:
                self.add_error("file", _("The file is larger than two megabytes."))
                return given
            try:
                given["boundary"] = geometry(json.loads(file.read().decode("utf-8-sig")))
            except (ValueError, UnicodeDecodeError):
                self.add_error("file", _("This is not GeoJSON with one polygon."))
        return given
