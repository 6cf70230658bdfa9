"""Who issues papers and takes them back."""

from typing import TYPE_CHECKING

from gongzhi.foundation.papers.holders import Holder
from gongzhi.foundation.papers.sorts import PaperSort, sort_of
from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.foundation.papers.models import Paper


def may_issue(actor: Actor, sort: PaperSort, holder: Holder) -> bool:
    """A paper is issued by those whose work it is, and by nobody to themselves."""
    return sort.may_issue(actor) and not sort.has_to_be_kept_from(actor, holder)


def may_withdraw(actor: Actor, paper: "Paper") -> bool:
    """A paper is suspended, revoked or replaced by the organ that issued it, and by nobody whose own it is."""
    if actor.kind in ("system", "clock"):
        return True
    sort = sort_of(paper.sort)
    if sort is not None and sort.has_to_be_kept_from(actor, paper.holder):
        return False
    if paper.organ_id is not None and actor.can("may_withdraw_papers", organ_id=paper.organ_id):
        return True
    return sort is not None and sort.may_withdraw(actor)


def may_make_keys(actor: Actor) -> bool:
    """The town's keys are made by the system itself."""
    return actor.kind in ("system", "clock")


def may_read(actor: Actor) -> bool:
    """Sign in to see your papers."""
    return actor.is_signed_in


def may_read_issued(actor: Actor) -> bool:
    """The papers of an organ are read by those who may take them back."""
    return actor.can("may_withdraw_papers")
