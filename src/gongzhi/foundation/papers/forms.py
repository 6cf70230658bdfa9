"""What people type in to have a paper checked, and why one is taken back."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers import codes, looking
from gongzhi.kernel import fields as forms


class NumberForm(forms.Form):
    """The number and the check code that stand on a paper."""

    number = forms.CharField(label=_("Number of the paper"), max_length=60, help_text=_("As it stands below the title, such as 云溪证〔2026〕00012."))
    code = forms.CharField(
        label=_("Check code"), max_length=40, help_text=_("Twelve letters and digits, beside the QR code."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )  # fmt: skip

    def clean_number(self) -> str:
        return codes.plain_number(self.cleaned_data["number"])

    def clean_code(self) -> str:
        letters = codes.plain(self.cleaned_data["code"])
        if not letters:
            raise forms.ValidationError(_("A check code has twelve letters and digits, without 0, O, 1, I, L and U."))
        return letters


class BroughtForm(forms.Form):
    """A file that somebody brings."""

    file = forms.FileField(label=_("The file of the paper"), help_text=_("PDF, as you were given it. It is looked at and not kept."),
                           widget=forms.FileInput(attrs={"accept": ".pdf,application/pdf"}))  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > looking.MOST:
            raise forms.ValidationError(_("The file is larger than a paper of ours can be (20 MB)."))
        return file


class WithdrawForm(forms.Form):
    """Why a paper is suspended or revoked."""

    reason = forms.CharField(label=_("Reason"), max_length=300, help_text=_("Whoever checks the paper reads it: write no names and nothing private."),
                             widget=forms.Textarea(attrs={"rows": "2"}))  # fmt: skip
