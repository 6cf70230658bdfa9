"""Who may read the paper of an emergency plan: whoever sees the risk source that it is of. What a source says of its firm goes to the firms' register."""

from gongzhi.foundation.attachments import rules as attachments
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import Entry, on
from gongzhi.management_line.sources import queries
from gongzhi.management_line.sources.facts import SourceRegistered
from gongzhi.registers.firms import operations as firms
from gongzhi.registers.firms import queries as known


@attachments.register_holder
def hangs_on_a_plan(actor: Actor, attachment_id: int) -> bool:
    """Return whether the attachment is the paper of a plan that the actor may see."""
    return queries.is_paper_of_a_plan(seen_by=actor, attachment_id=attachment_id)


@on(SourceRegistered)
def tell_the_firms_register(entry: Entry) -> None:
    """Tell the class of a firm's trade and its premises where its register does not have them; what it has stays."""
    fact = entry.fact
    assert isinstance(fact, SourceRegistered)
    source = queries.source_for(seen_by=CLOCK, code=fact.code)
    firm = known.firm_of_organ(seen_by=CLOCK, organ_id=source.organ_id)
    if firm is None:
        return
    told = {"industry": source.industry_code, "address": source.address, "longitude": str(source.longitude), "latitude": str(source.latitude)}
    new = known.lacking(seen_by=CLOCK, firm=firm, told=told)
    if new:
        firms.change_firm(by=CLOCK, at=entry.at, firm_id=firm.pk, given=new, source="污染源名录", basis="《排污许可管理条例》第二条", word="source")
