"""What search leaves in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SynonymsSet(Fact):
    """The town's own synonyms were set; how many there are."""

    count: int
