"""Who may do what in conversations. The first line of each docstring is the refusal that the reader sees."""

from typing import TYPE_CHECKING

from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.autonomy_line.voice.models import Statement


def may_lead(actor: Actor) -> bool:
    """Only those whose post allows it open conversations and read what is written there."""
    return actor.kind == "system" or actor.can("may_lead_conversations")


def may_judge(actor: Actor, statement: "Statement") -> bool:
    """Whether a statement is shown is decided by somebody whose post allows it, and never by whoever wrote it."""
    return may_lead(actor) and (actor.person_id is None or actor.person_id != statement.person_id)


def may_say(actor: Actor) -> bool:
    """Sign in to say what you think; each person counts once."""
    return actor.person_id is not None and actor.is_signed_in


def may_bring(actor: Actor) -> bool:
    """Sheets filled in elsewhere are brought by the system alone."""
    return actor.kind == "system"


def may_draw(actor: Actor) -> bool:
    """The map is drawn by the clock."""
    return actor.kind in ("clock", "system")
