"""The file of a paper is opened by those who may see the paper."""

from gongzhi.foundation.attachments import rules as attachments
from gongzhi.foundation.papers import queries
from gongzhi.kernel.actors import Actor


@attachments.register_holder
def sees_the_file_of_a_paper(actor: Actor, attachment_id: int) -> bool:
    """Let those see a file who may see the paper that it is."""
    return queries.is_seen(seen_by=actor, attachment_id=attachment_id)
