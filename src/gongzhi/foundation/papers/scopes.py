"""Who sees papers because of what they belong to: modules above say it of their own."""

from collections.abc import Callable

from django.db.models import Q

from gongzhi.kernel.actors import Actor

Scope = Callable[[Actor], Q]
scopes: list[Scope] = []


def register_scope(scope: Scope) -> Scope:
    """Let a module say which papers an actor may see: a condition on papers (`case_id`, `holder_sort`, `holder_key`)."""
    if scope not in scopes:
        scopes.append(scope)
    return scope
