"""Django's forms with numbers and days read as `kernel.numbers` and `kernel.moments` read them: import it as `forms`.

Django's own fields hand the text to `int`, `float`, `Decimal` and `strptime`, which take `1_5` and the year 1.
"""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import (
    BooleanField,
    CharField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ChoiceField,
    ClearableFileInput,
    DateInput,
    DateTimeInput,
    EmailField,
    Field,
    FileField,
    FileInput,
    Form,
    HiddenInput,
    MultipleChoiceField,
    NumberInput,
    PasswordInput,
    RadioSelect,
    RegexField,
    Select,
    SelectMultiple,
    SlugField,
    Textarea,
    TextInput,
    TypedChoiceField,
    TypedMultipleChoiceField,
    URLField,
    Widget,
)

from gongzhi.kernel import moments, numbers

__all__ = [
    "BooleanField", "CharField", "CheckboxInput", "CheckboxSelectMultiple", "ChoiceField", "ClearableFileInput", "DateField", "DateInput", "DateTimeField",
    "DateTimeInput", "DecimalField", "EmailField", "Field",
    "FileField", "FileInput", "FloatField", "Form", "HiddenInput", "IntegerField", "MultipleChoiceField",
    "NumberInput", "PasswordInput", "RadioSelect", "RegexField", "Select", "SelectMultiple", "SlugField", "TextInput", "Textarea", "TypedChoiceField",
    "TypedMultipleChoiceField", "URLField", "ValidationError", "Widget",
]  # fmt: skip


def _typed(value: Any) -> Any:
    """Return what was typed with the full-width digits of a Chinese keyboard narrowed: people at a form mean them."""
    return numbers.narrow(value).strip() if isinstance(value, str) else value


class IntegerField(forms.IntegerField):
    def to_python(self, value: Any) -> Any:
        value = _typed(value)
        if isinstance(value, bool) or (isinstance(value, str) and value and not (numbers.is_number(value) and _fits(value))):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


def _fits(text: str) -> bool:
    return len(text.lstrip("+-")) <= 19


class FloatField(forms.FloatField):
    def to_python(self, value: Any) -> Any:
        value = _typed(value)
        if isinstance(value, bool) or (isinstance(value, str) and value and not numbers.is_number(value)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class DecimalField(forms.DecimalField):
    def to_python(self, value: Any) -> Any:
        value = _typed(value)
        if isinstance(value, bool) or (isinstance(value, str) and value and not numbers.is_number(value)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class DateField(forms.DateField):
    def to_python(self, value: Any) -> date | None:
        found = super().to_python(_typed(value))
        if found is not None and not moments.is_in_reach(found):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found


class DateTimeField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        try:
            found = super().to_python(_typed(value))
        except OverflowError:
            found = None
        if (found is None and value not in self.empty_values) or (found is not None and not moments.is_in_reach(found)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return found
