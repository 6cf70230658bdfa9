"""Fields and choices that forms of cases share."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import queries
from gongzhi.cases.forms.words import LIFE_WORDS, ORGAN_KIND_WORDS
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import fields as forms
from gongzhi.kernel.actors import Actor

MOST_PHOTOS = 9
MOST_BYTES = 20_000_000


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


def text_field(label: Any, most: int, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": str(rows)}), **more)


def degrees_field(most: int) -> forms.FloatField:
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


def id_field(label: Any, **more: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, **more)
