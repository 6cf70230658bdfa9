"""What the pages of every register ask alike: values with where they come from, and for what sealed ones are looked at."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.kernel import fields as forms
from gongzhi.registers.record.fields import Field
from gongzhi.registers.record.queries import WORDS


class GroundForm(forms.Form):
    """Where values come from and on what they rest."""

    source = forms.CharField(
        label=pgettext_lazy("register", "Source"), max_length=120, help_text=_("Where this comes from: a paper that was shown, a list, the person")
    )
    basis = forms.CharField(label=_("Legal basis"), max_length=200, help_text=_("The law or rule on which it may be kept, with its article"))


class ValuesForm(GroundForm):
    """Values of a thing by the fields of its register; what is wrong with them its register says."""

    word = forms.ChoiceField(label=_("On whose word"), choices=list(WORDS.items()), initial="paper")

    def __init__(self, known: Sequence[Field], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        own = dict(self.fields)
        self.fields.clear()
        for one in known:
            self.fields[one.code] = _asked(one)
        self.fields.update(own)
        self.codes = [one.code for one in known]

    def given(self) -> dict[str, str]:
        """Return the values that were filled in, as text."""
        return {code: self.cleaned_data[code] for code in self.codes if self.cleaned_data.get(code)}


def _asked(one: Field) -> forms.Field:
    if one.sort == "choice":
        return forms.ChoiceField(label=one.title, choices=[("", "—"), *one.choices], required=False)
    if one.sort == "date":  # judged by the register, so that every wrong day is told in the same words
        return forms.CharField(label=one.title, required=False, widget=forms.DateInput(attrs={"type": "date"}))
    return forms.CharField(label=one.title, required=False, max_length=200)


class LookForm(forms.Form):
    """For what sealed fields are looked at."""

    purpose = forms.CharField(label=_("For what"), max_length=200, help_text=_("It is kept, and the person can read it."))
