"""Who may add and see attachments. Modules above say by `register_holder` what of theirs an attachment hangs on."""

from collections.abc import Callable

from gongzhi.foundation.attachments.models import Attachment
from gongzhi.kernel.actors import Actor

Holder = Callable[[Actor, int], bool]
holders: list[Holder] = []


def register_holder(holder: Holder) -> Holder:
    """Let a module answer whether an actor may see an attachment because of what it hangs on."""
    if holder not in holders:
        holders.append(holder)
    return holder


def may_add(actor: Actor) -> bool:
    """Photos and papers come with a report or an act."""
    return True  # anybody may report; an attachment that nothing holds is thrown away after a day


def may_close(actor: Actor) -> bool:
    """Photos and papers are closed with what they hang on."""
    return actor.kind in ("system", "clock")


def may_remake(actor: Actor) -> bool:
    """Only the system itself makes photos anew."""
    return actor.kind == "system" or actor.kind == "clock"


def may_see(actor: Actor, attachment: Attachment) -> bool:
    """This photo or paper is for those who take part in the case."""
    if attachment.is_public or (attachment.added_by == actor.ref and actor.is_signed_in):
        return True
    return any(holder(actor, attachment.pk) for holder in holders)
