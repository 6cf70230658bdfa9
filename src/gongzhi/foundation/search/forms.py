"""The town's synonyms as people write them: one line an entry."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms


def _phrases(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", "、").replace(",", "、").split("、") if part.strip()]


class SynonymsForm(forms.Form):
    """What people say = what it is called, line by line."""

    synonyms = forms.CharField(
        label=_("Synonyms of this town"), required=False, max_length=100_000, widget=forms.Textarea(attrs={"rows": "14", "spellcheck": "false"}),
        help_text=_("One line each: what people say, then =, then what it is called; several with 、 between them. Such as 开饭馆、开小吃店 = 食品经营许可. A * stands for up to four characters."),  # noqa: E501
    )  # fmt: skip

    def clean_synonyms(self) -> list[dict[str, Any]]:
        entries = []
        for place, line in enumerate(self.cleaned_data["synonyms"].splitlines(), 1):
            if not line.strip():
                continue
            said, _sign, meant = line.replace("＝", "=").partition("=")
            entry = {"say": _phrases(said), "means": _phrases(meant)}
            if not entry["say"] or not entry["means"]:
                raise forms.ValidationError(_("Line %(place)s has no =, or nothing on one side of it."), params={"place": place})
            entries.append(entry)
        return entries
