"""What people type about criteria: parsed and checked for shape. Conditions become definitions, answers become values."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.criteria import answers, language, units
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.subjects import Field, Sort
from gongzhi.kernel import fields as forms

SPANS = {"years": _("in years"), "months": _("in months"), "days": _("in days")}
MONEY = ("CNY/month", "CNY/year", "CNY10k/year", "CNY", "CNY10k", "m2", "mu", "ha", "person", "household", "%", "kWh", "t", "kg")


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


class CriterionForm(forms.Form):
    """A criterion to begin."""

    title = forms.CharField(label=_("Name"), max_length=80, help_text=_("As people know it, such as “70 or older and living alone”."))
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("Small letters, digits and hyphens; stands in its address."))
    subject = forms.ChoiceField(label=_("Of whom or what it speaks"))
    source = forms.CharField(label=_("Document that it comes from"), max_length=200)
    clause = forms.CharField(label=_("Clause"), max_length=60, required=False)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["subject"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.code, one.title) for one in registry.subjects()]


class SourceForm(forms.Form):
    """Where a draft comes from."""

    source = forms.CharField(label=_("Document that it comes from"), max_length=200)
    clause = forms.CharField(label=_("Clause"), max_length=60, required=False)


class AdoptForm(forms.Form):
    """From when a draft holds."""

    valid_from = _day(_("Holds from"))


class ParameterForm(forms.Form):
    """A value that holds from a day on."""

    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("That of a known value, or a new one."))
    title = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Only for a new one."))
    unit = forms.ChoiceField(label=_("Unit"), required=False, help_text=_("Only for a new one."))
    value = forms.CharField(label=_("Value"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    valid_from = _day(_("Holds from"))
    source = forms.CharField(label=_("Document that it comes from"), max_length=200)
    clause = forms.CharField(label=_("Clause"), max_length=60, required=False)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        field = self.fields["unit"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Without unit")), *((unit, units.word(unit)) for unit in (*MONEY, "year", "month", "day"))]


# ---- a condition --------------------------------------------------------------------------------------------------------


class AskForm(forms.Form):
    """A question that a person confirms."""

    words = forms.CharField(
        label=_("What must be so"),
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": "2"}),
        help_text=_("For what no register holds. Whoever applies confirms it."),
    )

    def definition(self) -> dict[str, Any]:
        words = self.cleaned_data["words"]
        return {"ask": f"said-{hashlib.sha256(words.encode()).hexdigest()[:12]}", "words": words}  # the same words are the same question


class ClauseForm(forms.Form):
    """One comparison of one field, with the inputs that its sort needs."""

    def __init__(self, data: Any = None, *, about: Field, parameters: Mapping[str, language.Parameter], **more: Any) -> None:
        super().__init__(data, auto_id="clause_%s", **more)
        self.about, self.parameters = about, parameters
        getattr(self, f"_for_{about.sort.value}", self._for_words)()

    def _compare(self, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields["op"] = forms.ChoiceField(label=_("How it is compared"), choices=list(choices))

    def _amount(self, names: list[str]) -> None:
        self.fields["value"] = forms.CharField(label=_("Value"), max_length=20, required=not names, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
        if names:
            found = [("", _("The value above")), *((code, self.parameters[code].title) for code in names)]
            self.fields["parameter"] = forms.ChoiceField(label=_("Or a value that changes with time"), choices=found, required=False)

    def _fitting(self, unit: str) -> list[str]:
        quantity = units.measure(unit)[0]
        return [code for code, one in self.parameters.items() if units.measure(one.unit)[0] == quantity]

    def _for_number(self) -> None:
        self._compare((op, language.OP_WORDS[op]) for op in language.ORDER)
        self._amount(self._fitting(self.about.unit))
        alike = [one for one in MONEY if units.measure(one)[0] == units.measure(self.about.unit)[0]]
        if len(alike) > 1:
            self.fields["unit"] = forms.ChoiceField(label=_("Unit"), choices=[(one, units.word(one)) for one in alike], initial=self.about.unit)

    def _for_date(self) -> None:
        what = self.about.span_title or self.about.title
        spans = [
            (f"{span} {op}", _("%(what)s %(span)s: %(op)s") % {"what": what, "span": SPANS[span], "op": language.OP_WORDS[op]})
            for span in SPANS
            for op in (">=", "<", "<=", ">")
        ]
        self._compare([*spans, *((f"is {op}", language.DATE_OP_WORDS.get(op, language.OP_WORDS[op])) for op in language.ORDER)])
        self._amount(self._fitting("year") + self._fitting("day"))
        self.fields["value"].help_text = _("A whole number, or a day such as 2026-01-31.")

    def _for_flag(self) -> None:
        self._compare([("yes", _("yes")), ("no", _("no"))])

    def _for_list(self) -> None:
        self._compare((op, language.OP_WORDS[op]) for op in language.ORDER)
        self._amount([])
        for part in self.about.fields:
            if part.sort is Sort.DATE:
                title = part.span_title or part.title
                self.fields[f"{part.code}_from"] = forms.IntegerField(
                    label=_("%(what)s at least, in years") % {"what": title}, required=False, min_value=0, max_value=150
                )
                self.fields[f"{part.code}_below"] = forms.IntegerField(
                    label=_("%(what)s below, in years") % {"what": title}, required=False, min_value=0, max_value=150
                )
            elif part.sort is Sort.FLAG:
                self.fields[part.code] = forms.ChoiceField(
                    label=part.title, required=False, choices=[("", _("does not matter")), ("yes", _("yes")), ("no", _("no"))]
                )

    def _for_words(self) -> None:
        self._compare((op, language.OP_WORDS[op]) for op in language.OPS[self.about.sort])
        if self.about.choices:
            self.fields["value"] = forms.MultipleChoiceField(label=_("Value"), choices=list(self.about.choices.items()), widget=forms.CheckboxSelectMultiple)
        else:
            self.fields["value"] = forms.CharField(label=_("Codes"), max_length=2_000, help_text=_("Several with commas between them."))

    def definition(self) -> dict[str, Any]:
        """Return the condition as data."""
        given, code, sort = self.cleaned_data, self.about.code, self.about.sort
        value: Any = {"parameter": given["parameter"]} if given.get("parameter") else given.get("value")
        if sort is Sort.FLAG:
            return {"field": code, "is": "=", "value": given["op"] == "yes"}
        if sort is Sort.DATE:
            how, op = given["op"].split(" ")
            return {"field": code, how: op, "value": value}
        if sort is Sort.NUMBER:
            unit = {"unit": given["unit"]} if given.get("unit") and not given.get("parameter") and given["unit"] != self.about.unit else {}
            return {"field": code, "is": given["op"], "value": value} | unit
        if sort is Sort.LIST:
            where: list[dict[str, Any]] = []
            for part in self.about.fields:
                if given.get(f"{part.code}_from") is not None:
                    where.append({"field": part.code, "years": ">=", "value": given[f"{part.code}_from"]})
                if given.get(f"{part.code}_below") is not None:
                    where.append({"field": part.code, "years": "<", "value": given[f"{part.code}_below"]})
                if given.get(part.code) in ("yes", "no"):
                    where.append({"field": part.code, "is": "=", "value": given[part.code] == "yes"})
            return {"count": code, "where": {"all": where}, "is": given["op"], "value": value}
        several = value if isinstance(value, list) else answers.several(str(value))
        return {"field": code, "is": given["op"], "value": several if given["op"] in ("in", "not_in", "has_any", "has_none") else several[0]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "value" in self.fields and not cleaned.get("value") and not cleaned.get("parameter") and "value" not in self.errors:
            self.add_error("value", _("Give a value."))
        return cleaned
