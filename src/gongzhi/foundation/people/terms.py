"""How long personal details are kept, by kind 保存期限: the town's rule `retention`, each with its legal basis.

    retention = {"caller": {"days": 365, "basis": "《个人信息保护法》第十九条"}, "resident": {...}, ...}

A term runs from the last time something needed the person: the registration, the last sign-in, the end of their last case, of
their last post. The Personal Information Protection Law asks for the shortest time that the purpose needs (art. 19).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import needs
from gongzhi.foundation.people.models import Person, SealedLook, User

KINDS = {
    "caller": _("People without a log-in (callers, reports with a contact)"),
    "resident": _("Residents with a log-in"),
    "enterprise": _("Contacts of firms"),
    "staff": _("Staff without a post"),
    "looks": _("Purposes of looks at sealed fields"),
}
SHORTEST, LONGEST = 30, 36_500  # days


@dataclass(frozen=True, slots=True)
class Term:
    """The term of one kind, with the law or rule it rests on."""

    kind: str
    days: int
    basis: str


def terms(rules: Mapping[str, Any]) -> dict[str, Term]:
    """Return the terms that a town's rules set, by kind; what is not a usable term is left out."""
    given = rules.get("retention")
    found = {}
    for kind, told in (given.items() if isinstance(given, Mapping) else ()):
        if kind in KINDS and isinstance(told, Mapping) and isinstance(told.get("days"), int) and SHORTEST <= told["days"] <= LONGEST and told.get("basis"):
            found[kind] = Term(kind, told["days"], str(told["basis"]))
    return found


def due_people(term: Term, at: datetime, most: int) -> list[int]:
    """Return the ids of up to `most` people whose details are past their term, and whom nothing needs or needed within it."""
    before = at - timedelta(days=term.days)
    found: list[int] = []
    last = 0
    while len(found) < most:
        some = list(_candidates(term.kind, before).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[: most * 2])
        if not some:
            break
        needed = needs.still_needed(some, before, at)
        found += [pk for pk in some if pk not in needed]
        last = some[-1]
    return found[:most]


def due_looks(term: Term, at: datetime) -> "QuerySet[SealedLook]":
    """Return the looks whose purpose is past its term."""
    return SealedLook.objects.filter(at__lt=at - timedelta(days=term.days)).exclude(purpose="")


def is_anything_due(term: Term, at: datetime) -> bool:
    """Return whether some detail of the kind is past its term."""
    return due_looks(term, at).exists() if term.kind == "looks" else bool(due_people(term, at, 1))


def _candidates(kind: str, before: datetime) -> "QuerySet[Person]":
    log_ins = User.objects.filter(person=OuterRef("pk"))
    used = log_ins.annotate(used=Greatest(Coalesce(F("last_login"), F("created_at")), F("created_at"))).filter(used__gte=before)
    found = Person.objects.filter(erased_at__isnull=True, registered_at__lt=before).exclude(Exists(used))
    private = Q(kind__in=(Person.Kind.RESIDENT, Person.Kind.MIGRANT))
    if kind == "caller":
        return found.filter(private).exclude(Exists(log_ins))
    if kind == "resident":
        return found.filter(private).filter(Exists(log_ins))
    return found.filter(kind=kind)
