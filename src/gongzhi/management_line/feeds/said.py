"""Sentences that know what they were made of, so that what is kept can be put into the words of whoever reads it.

`from …said import said as _`: the message is put into the words of this process, as gettext does, and carries its msgid and
parameters along; `kept` gives these for a JSON column, `told` puts them into words again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

MOST_TEXT = 300  # of a parameter, or of a sentence that is kept as it is
MOST = 5  # sentences of one refusal

Kept = list[Any]  # of sentences: [msgid, {name: value}], or [None, text] of what came without a msgid


class Said(str):
    """A sentence in the words of this process, with its msgid, its parameters and a lead before it that needs no translation."""

    msgid: str
    given: Mapping[str, Any]
    lead: str

    @classmethod
    def of(cls, msgid: str, given: Mapping[str, Any] | None = None, lead: str = "") -> "Said":
        """Return the sentence of a msgid."""
        text = gettext(msgid)
        made = cls(lead + (text % given if given else text))
        made.msgid, made.given, made.lead = msgid, given or {}, lead
        return made

    def __mod__(self, given: Any) -> "Said":
        return Said.of(self.msgid, given, self.lead)

    def after(self, lead: str) -> "Said":
        """Return the same sentence with something before it, such as the number of a record."""
        return Said.of(self.msgid, self.given, lead + self.lead)


def said(msgid: str) -> Said:
    """Return a sentence by its msgid; parameters follow by %."""
    return Said.of(msgid)


def why(error: BaseException) -> str:
    """Return what an error says; str() would lose the msgid."""
    found = error.args[0] if len(error.args) == 1 else None
    return found if isinstance(found, Said) else str(error)


def kept(sentences: Iterable[str]) -> Kept:
    """Return sentences as JSON can keep them, each once, the first few and how many more there are."""
    each = list(dict.fromkeys(sentences))
    found: Kept = [
        [one.msgid, {name: value if isinstance(value, int | float) else _tidy(str(value)) for name, value in one.given.items()}, _tidy(one.lead)]
        if isinstance(one, Said) else [None, _tidy(one)]
        for one in each[:MOST]
    ]
    return [*found, [None, f"… ({len(each)})"]] if len(each) > MOST else found


def told(sentences: Sequence[Any]) -> str:
    """Return what was kept in the reader's words."""
    return "; ".join(text[0] if msgid is None else str(Said.of(msgid, *text)) for msgid, *text in sentences)


def _tidy(text: str) -> str:
    return text[:MOST_TEXT].replace("\0", "")
