"""Forms of the book: parsed and checked for shape, never saved."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.registers.book.models import SORTS

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PostingForm(forms.Form):
    """An amount moved from one account to another."""

    on = forms.DateField(label=_("Day it counts for"), widget=DAY)
    debit = forms.ChoiceField(label=_("Debit"))
    credit = forms.ChoiceField(label=_("Credit"))
    amount = forms.CharField(label=_("Amount in yuan"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    words = forms.CharField(label=_("What it is for"), max_length=200, help_text=_("No names of persons: the book is read by auditors."))

    def __init__(self, *args: Any, accounts: Any = (), **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(one.code, f"{one.code} {one.title}") for one in accounts]
        for name in ("debit", "credit"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class AccountForm(forms.Form):
    """An account to open."""

    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Name of the account"), max_length=80)
    sort = forms.ChoiceField(label=_("Sort of account"), choices=SORTS)


class ClosingForm(forms.Form):
    """Up to which day the book is closed."""

    until = forms.DateField(label=_("Close up to and with"), widget=DAY)


class DayForm(forms.Form):
    """As of which day the balance is shown."""

    on = forms.DateField(label=_("As of"), required=False, widget=DAY)


class ReverseForm(forms.Form):
    """Why a posting is undone."""

    words = forms.CharField(label=_("Why it is reversed"), max_length=200)
