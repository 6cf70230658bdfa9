"""What pages of the registers ask: parsed and checked for shape, never saved."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.registers.record.asking import GroundForm
from gongzhi.registers.record.fields import Register


class FileForm(forms.Form):
    """A file for a register."""

    register = forms.ChoiceField(label=_("Register"))
    file = forms.FileField(label=_("File"), help_text=_("CSV (UTF-8 or GB18030) or Excel (.xlsx), with the names of the columns above the values"))

    def __init__(self, registers: Sequence[Register], *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        register = self.fields["register"]
        assert isinstance(register, forms.ChoiceField)
        register.choices = [(one.code, one.title) for one in registers]


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


class SearchForm(forms.Form):
    """What is looked for."""

    text = forms.CharField(label=_("Number, name, telephone or address"), max_length=120)
