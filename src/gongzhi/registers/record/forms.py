"""What pages of the registers ask: parsed and checked for shape, never saved."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.registers.record.fields import Field, Register
from gongzhi.registers.record.queries import WORDS


class FileForm(forms.Form):
    """A file for a register."""

    register = forms.ChoiceField(label=_("Register"))
    file = forms.FileField(label=_("File"), help_text=_("CSV (UTF-8 or GB18030) or Excel (.xlsx), with the names of the columns above the values"))

    def __init__(self, registers: Sequence[Register], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        register = self.fields["register"]
        assert isinstance(register, forms.ChoiceField)
        register.choices = [(one.code, one.title) for one in registers]


class GroundForm(forms.Form):
    """Where values come from and on what they rest."""

    source = forms.CharField(label=_("Source"), max_length=120, help_text=_("Where this comes from: a paper that was shown, a list, the person"))
    basis = forms.CharField(label=_("Legal basis"), max_length=200, help_text=_("The law or rule on which it may be kept, with its article"))


class MappingForm(GroundForm):
    """Which column of a file holds which field, and where the file comes from."""

    as_of = forms.DateField(label=_("Speaks of the day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    header = forms.IntegerField(label=_("Row with the names of the columns"), min_value=1, max_value=1000)

    def __init__(self, register: Register, names: Sequence[str], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.columns = []
        for one in register.fields:
            choices = [("", _("not in the file")), *((name, name) for name in names if name)]
            self.fields[f"f_{one.code}"] = forms.ChoiceField(label=one.title, choices=choices, required=False)
            self.columns.append(f"f_{one.code}")

    def definition(self) -> dict[str, Any]:
        """Return the mapping that was chosen."""
        given = self.cleaned_data
        chosen = {name.removeprefix("f_"): given[name] for name in self.columns if given.get(name)}
        return {"fields": chosen, "source": given["source"], "basis": given["basis"], "as_of": given["as_of"].isoformat(), "header": given["header"]}


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


class SearchForm(forms.Form):
    """What is looked for."""

    text = forms.CharField(label=_("Number, name, telephone or address"), max_length=120)
