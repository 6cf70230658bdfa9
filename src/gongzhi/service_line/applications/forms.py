"""Forms of acts on applications, and of the catalogue."""

from typing import Any

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases.acts import ActForm
from gongzhi.kernel import fields as forms
from gongzhi.service_line.applications import content, queries


class AskForm(ActForm):
    """Everything that is missing, in one notice."""

    missing = forms.MultipleChoiceField(label=_("What is missing"), widget=forms.CheckboxSelectMultiple)
    text = forms.CharField(
        label=_("What is wrong with it, in words that whoever applied can follow"), max_length=4000, widget=forms.Textarea(attrs={"rows": "4"}), required=False
    )

    def prepare(self) -> None:
        filing = queries.filing_of(seen_by=self.actor, case=self.case)
        language = get_language() or "zh"
        choices: list[Any] = []
        if filing is not None:
            values, _sources = queries.values_of(seen_by=self.actor, filing=filing)
            choices = [(rule.code, rule.words(language)) for rule in content.materials(filing.version.materials, values)]
            choices += [(one.code, one.words(language)) for one in filing.version.fields if one.code in values]
            if filing.notices:
                self.fields["text"].required = True
                self.fields["text"].help_text = _("A further notice: say why this could not be named the first time. It is counted against your unit.")
        self.choose("missing", choices)


class GrantForm(ActForm):
    text = forms.CharField(
        label=_("What is granted, in words that whoever applied can read"), max_length=4000, widget=forms.Textarea(attrs={"rows": "3"}), required=False
    )
    internal_text = forms.CharField(label=_("Note for those who work on it"), max_length=4000, widget=forms.Textarea(attrs={"rows": "2"}), required=False)
    on_paper = forms.BooleanField(label=_("Decided on paper, entered afterwards"), required=False, help_text=_("It is then counted as not decided online."))


class ContentField(forms.CharField):
    """What an item says, as YAML."""

    widget = forms.Textarea(attrs={"rows": "30", "spellcheck": "false", "class": "input mono"})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            found = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise forms.ValidationError(_("This cannot be read: %(why)s"), params={"why": str(error).splitlines()[0]}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_("This must be a list of names and what they say."))
        return found


class ItemForm(forms.Form):
    content = ContentField(label=_("What the matter says"), max_length=60_000)


class WindowForm(forms.Form):
    name = forms.CharField(label=_("Name of whoever applies"), max_length=40)
    phone = forms.CharField(label=_("Telephone"), max_length=20, required=False)
