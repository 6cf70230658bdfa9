"""Sorts of paper: what each is called, how it is numbered and set, which data it takes, who issues it.

A module declares its own in its `kinds.py` or `papers.py` imported there, with a template of its own; the five at the end serve most:

    from gongzhi.foundation.papers.sorts import LINES, TABLE, TEXT, Part, PaperSort, declare

    PERMIT = declare(PaperSort(
        code="permit", title=_("Permit"), mark="许", template=Path(__file__).parent / "papers" / "permit.typ",
        parts=(Part("trade", TEXT), Part("limits", LINES, required=False)), may_issue=rules.may_decide_applications,
    ))

How a template is written: docs/howto/papers.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers.holders import Holder
from gongzhi.kernel.actors import Actor

TEXT, LINES, TABLE = "text", "lines", "table"
LAYOUTS = Path(__file__).parent / "layouts"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a paper says: a text, lines (a list of texts), or a table (rows of `columns` texts each)."""

    name: str
    shape: str
    required: bool = True
    columns: int = 2


def by_officers(actor: Actor) -> bool:
    """Return whether whoever acts serves the town, or is the town itself."""
    return actor.kind in ("system", "clock") or bool(actor.duties)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSort:
    """A sort of paper. `mark` stands in its numbers (云溪许〔2026〕00012). `grants`: it gives its holder something, so nobody issues it to themselves.

    `may_withdraw` says who suspends, revokes and replaces papers of the sort besides those whose post in the issuing organ allows it.
    """

    code: str
    title: Any
    mark: str
    template: Path
    parts: tuple[Part, ...]
    may_issue: Callable[[Actor], bool] = by_officers
    may_withdraw: Callable[[Actor], bool] = lambda actor: False
    grants: bool = True

    def has_to_be_kept_from(self, actor: Actor, holder: Holder) -> bool:
        """Return whether the actor would give something to themselves or to their own organ."""
        if not self.grants:
            return False
        is_own_person = holder.sort == "person" and actor.person_id is not None and holder.key == str(actor.person_id)
        return is_own_person or (holder.sort == "organ" and holder.key in {str(organ_id) for organ_id in actor.organ_ids})


_sorts: dict[str, PaperSort] = {}


class DeclaredTwice(ValueError):
    """Two sorts of paper have one code, or would share one series of numbers."""


def declare(sort: PaperSort) -> PaperSort:
    """Make a sort of paper known; raises DeclaredTwice."""
    known = _sorts.get(sort.code)
    if known is not None and known != sort:
        raise DeclaredTwice(sort.code)
    if any(other.mark == sort.mark and other.code != sort.code for other in _sorts.values()):
        raise DeclaredTwice(sort.mark)
    _sorts[sort.code] = sort
    return sort


def sort_of(code: str) -> PaperSort | None:
    """Return the sort with a code, or None where no module declares it (any more)."""
    return _sorts.get(code)


def declared() -> list[PaperSort]:
    """Return all sorts in order of their codes."""
    return [_sorts[code] for code in sorted(_sorts)]


DECISION = declare(PaperSort(
    code="decision", title=_("Decision paper"), mark="决", template=LAYOUTS / "papers" / "decision.typ",
    parts=(Part("facts", TABLE, required=False), Part("body", LINES), Part("basis", LINES, required=False), Part("remedy", TEXT, required=False)),
))  # fmt: skip
CERTIFICATE = declare(PaperSort(
    code="certificate", title=_("Certificate paper"), mark="证", template=LAYOUTS / "papers" / "certificate.typ",
    parts=(Part("facts", TABLE), Part("body", LINES, required=False), Part("note", TEXT, required=False)),
))  # fmt: skip
RECEIPT = declare(PaperSort(
    code="receipt", title=_("Receipt paper"), mark="收", template=LAYOUTS / "papers" / "receipt.typ", grants=False, may_issue=lambda actor: True,
    parts=(Part("facts", TABLE, required=False), Part("materials", TABLE, required=False, columns=3), Part("body", LINES)),
))  # fmt: skip
AGREEMENT = declare(PaperSort(
    code="agreement", title=_("Agreement paper"), mark="协", template=LAYOUTS / "papers" / "agreement.typ", grants=False,
    parts=(Part("parties", TABLE), Part("recitals", LINES, required=False), Part("articles", LINES), Part("signed", TABLE, required=False)),
))  # fmt: skip
MINUTES = declare(PaperSort(
    code="minutes", title=_("Minutes paper"), mark="纪", template=LAYOUTS / "papers" / "minutes.typ", grants=False,
    parts=(Part("facts", TABLE), Part("items", TABLE), Part("body", LINES, required=False), Part("signed", TABLE, required=False)),
))  # fmt: skip
