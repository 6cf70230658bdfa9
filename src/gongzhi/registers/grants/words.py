"""The words of the catalogue: how data are shared, how often they are told anew, what sorts of value there are."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SHARES: dict[int, Any] = {1: _("given without a request"), 2: _("given on request"), 3: _("not given")}
PERIODS: dict[str, Any] = {
    "once": _("when it changes"), "day": _("every day"), "month": _("every month"), "quarter": _("every quarter"), "year": _("every year"),
}  # fmt: skip
SORTS: dict[str, Any] = {"text": _("text"), "date": _("day"), "number": _("number")}
