"""The registry of kinds: what sort of case there is, and what each brings."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from django.db.models import Model

    from gongzhi.cases.models import Case

Limit = tuple[int, str]


def may_anybody(actor: Actor) -> bool:
    """Cases of this kind are opened by anybody."""
    return True


def may_programs(actor: Actor) -> bool:
    """Cases of this kind are opened by devices and programs of the town, not by hand."""
    return actor.kind in ("device", "system", "clock")


def _no_facts(case: "Case") -> dict[str, Any]:
    return {}


@dataclass(frozen=True, kw_only=True)
class CaseKind:
    """A kind of case 事项类型, declared by the module that brings it.

    may_open: rule(actor) -> bool; its docstring is the refusal.
    doors: generic faces by which a case may be opened bare: "page" (the desk's form), "api". A kind with a dossier names none:
        its own operation opens it, with the dossier.
    needs_dossier: no door opens a case of this kind without the rows of its dossier.
    verify: "on_site" (another person goes and looks), "reading" (clean readings prove it) or "none".
    dossier: callable(seen_by=Actor, case=Case[, at=datetime]) -> dict for `dossier_template`, drawn into a slot of the case page.
    facts_of: callable(case) -> dict of what conditions of tasks may ask.
    limit, limit_of: what a case may take where neither list nor category says so: (amount, unit), and by its dossier:
        callable(case) -> ((amount, unit), basis, rule) or None.
    words: the kind's own words: "state.opened", "act.answer", "closed", "paper.decision", "notice.answered" …
    from_referral: callable(the case that was referred, the new one) -> rows of the dossier, for a kind that others refer to.
    roles: which roles its parties have; the first is that of whoever raises it.
    """

    code: str
    title: Any
    line: str  # management | service | autonomy
    mark: str  # the character in the case number: 报, 警
    procedure: Path
    verify: str = "on_site"
    visibility: str = "public"
    may_be_public: bool = True
    may_open: Callable[[Actor], bool] = may_anybody
    doors: frozenset[str] = frozenset({"page", "api"})
    needs_dossier: bool = False
    rated: bool = True
    dossier_template: str = ""
    dossier: Callable[..., dict[str, Any]] | None = None
    facts_of: Callable[["Case"], dict[str, Any]] = _no_facts
    limit: Limit | None = None
    limit_of: Callable[["Case"], tuple[Limit, str, str] | None] | None = None
    suspendable_on: tuple[str, ...] = ("correction", "public_notice", "expert_review", "hearing", "inspection", "force_majeure")
    words: Mapping[str, Any] = field(default_factory=dict, hash=False)
    roles: tuple[str, ...] = ("raiser",)
    from_referral: Callable[["Case", "Case"], Iterable["Model"]] | None = None
    own_results: frozenset[str] = frozenset()  # named results that acts of the kind give, with what its module keeps of them
    has_categories: bool = False  # whether a case of it names a category of the town's list

    def word(self, name: str, otherwise: Any = "") -> Any:
        """Return the kind's own word for something, or the engine's."""
        return self.words.get(name, otherwise)

    def dossier_of(self, *, seen_by: Actor, case: "Case", at: datetime) -> dict[str, Any] | None:
        """Return what the kind shows of a case at a moment, None where it has nothing to show; a dossier that takes no moment is not told one."""
        if self.dossier is None:
            return None
        told = {"at": at} if "at" in signature(self.dossier).parameters else {}
        return self.dossier(seen_by=seen_by, case=case, **told)

    @property
    def has_limit(self) -> bool:
        """Return whether its cases have a limit from elsewhere than the procedure."""
        return self.has_categories or self.limit is not None or self.limit_of is not None


_kinds: dict[str, CaseKind] = {}


class KindDeclaredTwice(RuntimeError):
    """Two modules bring a kind of the same code."""


class UnknownKind(LookupError):
    """No module brings this kind."""


def register(kind: CaseKind) -> CaseKind:
    """Make the kind known; refuse a second one of the same code."""
    known = _kinds.get(kind.code)
    if known is not None and known != kind:
        raise KindDeclaredTwice(kind.code)
    _kinds[kind.code] = kind
    return kind


def kind_of(code: str) -> CaseKind:
    """Return the kind; raise UnknownKind."""
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownKind(code) from None


def kinds() -> tuple[CaseKind, ...]:
    """Return all kinds in order of their codes."""
    return tuple(_kinds[code] for code in sorted(_kinds))


def referable(code: str) -> tuple[CaseKind, ...]:
    """Return the kinds as which a case of this kind may be referred."""
    return tuple(kind for kind in kinds() if kind.code != code and (not kind.needs_dossier or kind.from_referral is not None))
