"""Who may read the paper of an emergency plan: whoever sees the risk source that it is of."""

from gongzhi.foundation.attachments import rules as attachments
from gongzhi.kernel.actors import Actor
from gongzhi.management_line.sources import queries


@attachments.register_holder
def hangs_on_a_plan(actor: Actor, attachment_id: int) -> bool:
    """Return whether the attachment is the paper of a plan that the actor may see."""
    return queries.is_paper_of_a_plan(seen_by=actor, attachment_id=attachment_id)
