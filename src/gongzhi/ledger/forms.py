"""What people type in to have checked."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel import fields as forms
from gongzhi.ledger import given

_SUBJECT = re.compile(r"^[a-z_]+\.[a-z_]+:[0-9]{1,18}$")
_NUMBER = re.compile(r"([0-9]{4})\D{1,3}([0-9]{1,9})")
_INDEX = re.compile(r"^(?:№|第)?\s*([0-9]{1,18})\s*笔?$")
MOST_PROOF = 2_000_000


def subject(text: str) -> str | None:
    """Return a reference such as cases.case:12, or None."""
    return text if _SUBJECT.match(text) else None


def case_slug(text: str) -> str | None:
    """Return the address part of a case number as people write it (云溪报〔2026〕01847, 2026-01847), or None."""
    found = _NUMBER.search(text)
    return f"{found[1]}-{int(found[2]):05d}" if found else None


def entry_index(text: str) -> int | None:
    """Return the number of an entry as people write it (12, № 12, 第 12 笔), or None."""
    found = _INDEX.match(text)
    return int(found[1]) if found else None


def whole(text: str) -> int | None:
    """Return a whole number from an address, or None."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None


class ProofForm(forms.Form):
    """A proof to be checked: as text, or as the file that was downloaded."""

    proof = forms.CharField(
        label=_("Text of the proof"), required=False, max_length=MOST_PROOF, help_text=_("All of the JSON file, from the first brace to the last."),
        widget=forms.Textarea(attrs={"rows": "5", "spellcheck": "false", "autocomplete": "off"}),
    )  # fmt: skip
    file = forms.FileField(label=_("Or the file itself"), required=False, widget=forms.FileInput(attrs={"accept": ".json,application/json"}))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        file, text, name = told.get("file"), told.get("proof", ""), "proof"
        if file:
            name = "file"
            if file.size > MOST_PROOF:
                self.add_error("file", _("The file is larger than a proof can be (2 MB)."))
                return told
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("file", _("This is no proof: it is not a text in UTF-8."))
                return told
        if self.errors:
            return told
        if not text.strip():
            self.add_error("proof", _("Paste a proof, or choose its file."))
            return told
        try:
            told["given"] = given.read(text)
        except given.BadProof as error:
            self.add_error(name, _("This is no proof: “%(part)s” is missing or cannot be read.") % {"part": error.part})
        return told
