"""Data marks 数据标识 of HJ 212 in words. N, P and - are valid; whatever else is kept and counts in no mean. Pure."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "N": _("normal"), "P": _("normal"), "-": _("not marked"), "F": _("shut down"), "M": _("maintenance"), "S": _("set by hand"), "D": _("fault"),
    "C": _("calibration"), "T": _("beyond its range"), "B": _("transmission fault"),
}  # fmt: skip

VALID = frozenset("NP-")
SET_BY_HAND = frozenset("MSCF")  # that somebody works on it, calibrates it, entered the value, shut the works down; D, T, B the instrument finds itself


def word(mark: str) -> Any:
    """Return what a mark says; an unknown one is itself."""
    return WORDS.get(mark, mark)
