"""What an act has changed is read anew by the index."""

from gongzhi.foundation.search import indexing, registry
from gongzhi.kernel.facts import Fact
from gongzhi.kernel.operation import Entry, gather, on


@on(Fact)
def put_aside_what_changed(entry: Entry) -> None:
    for thing in registry.touched_by(entry.fact):
        gather(indexing.put_aside, thing)
