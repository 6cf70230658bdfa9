"""The answers of one who tries whether conditions hold: a form over fields and questions, for whichever page asks. Nothing of it is kept."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.criteria import language, units
from gongzhi.foundation.criteria.subjects import Field, Sort
from gongzhi.kernel import fields as forms


def several(text: str) -> list[str]:
    """Return the parts of a text with commas between them, as people of either language write them."""
    for mark in "，、；;\n":
        text = text.replace(mark, ",")
    return [part.strip() for part in text.split(",") if part.strip()]


YES_NO = [("", _("not known")), ("yes", _("yes")), ("no", _("no"))]


class AnswersForm(forms.Form):
    """What somebody says of themselves, to see whether a criterion holds; an empty answer is not known."""

    def __init__(self, data: Any = None, *, fields: Iterable[Field], asked: Iterable[language.Asked], **more: Any) -> None:
        super().__init__(data, auto_id="own_%s", **more)
        self.about = {f"f_{one.code}": one for one in fields}
        self.asked = {f"q_{one.code}": one for one in asked}
        for name, about in self.about.items():
            self.fields[name] = self._field(about)
        for name, question in self.asked.items():
            self.fields[name] = forms.ChoiceField(label=question.words, choices=YES_NO, required=False)

    @staticmethod
    def _field(about: Field) -> forms.Field:
        more: dict[str, Any] = {"label": about.title, "required": False}
        match about.sort:
            case Sort.DATE:
                return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)
            case Sort.NUMBER:
                unit = units.word(about.unit)
                return forms.CharField(
                    max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}), help_text=_("In %(unit)s.") % {"unit": unit} if unit else "", **more
                )
            case Sort.FLAG:
                return forms.ChoiceField(choices=YES_NO, **more)
            case Sort.CHOICE:
                return forms.ChoiceField(choices=[("", _("not known")), *about.choices.items()], **more)
            case Sort.CHOICES:
                return forms.MultipleChoiceField(choices=list(about.choices.items()), widget=forms.CheckboxSelectMultiple, **more)
            case Sort.LIST:
                first = next((part for part in about.fields if part.sort is Sort.DATE), None)
                hint = _("One a line: %(what)s, such as 2019-05-31. Write 0 where there are none.") % {"what": first.title if first else ""}
                return forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": "2"}), help_text=hint, **more)
        return forms.CharField(max_length=400, help_text=_("Several with commas between them.") if about.sort is Sort.CODES else "", **more)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, about in self.about.items():
            if name in self.errors:
                continue
            try:
                cleaned[name] = self._value(about, cleaned.get(name))
                language.held(about, cleaned[name])
            except (language.BadValue, ValidationError) as bad:
                self.add_error(name, str(bad))
        return cleaned

    @staticmethod
    def _value(about: Field, given: Any) -> Any:
        if given in (None, "", []):
            return None
        if about.sort is Sort.FLAG:
            return given == "yes"
        if about.sort is Sort.CODES:
            return frozenset(several(given))
        if about.sort is Sort.LIST:
            first = next((part.code for part in about.fields if part.sort is Sort.DATE), None)
            return [] if given.strip() == "0" else [{first: language.day(line)} for line in several(given)]
        return given

    def values(self) -> dict[str, Any]:
        """Return the values by field; what was left empty is not known."""
        return {about.code: self.cleaned_data[name] for name, about in self.about.items()}

    def confirmed(self) -> dict[str, bool]:
        """Return what was answered of the questions."""
        return {question.code: self.cleaned_data[name] == "yes" for name, question in self.asked.items() if self.cleaned_data[name]}
