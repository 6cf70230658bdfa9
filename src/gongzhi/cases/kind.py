"""The registry of kinds: what sort of case there is, and what each brings."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class CaseKind:
    """A kind of case 事项类型, declared by the module that brings it.

    verify: "on_site" (another person goes and looks), "reading" (clean readings prove it) or "none".
    dossier: callable(seen_by=Actor, case=Case) -> dict for `dossier_template`, drawn into a slot of the case page.
    """

    code: str
    title: Any
    line: str  # management | service | autonomy
    mark: str  # the character in the case number: 报, 警
    procedure: Path
    verify: str = "on_site"
    visibility: str = "public"
    opened_by: frozenset[str] = field(default_factory=lambda: frozenset({"person", "follower", "anyone", "system", "device", "clock"}))
    reopen_days: int = 15
    rated: bool = True
    dossier_template: str = ""
    dossier: Callable[..., dict[str, Any]] | None = None
    suspendable_on: tuple[str, ...] = ("correction", "public_notice", "expert_review", "hearing", "force_majeure")


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
