"""200 criteria over 10,000 firms by masks, against the same criteria one by one in plain Python on a part of them."""

import random
import time
from datetime import date
from typing import Any

from gongzhi.foundation.criteria import language
from gongzhi.foundation.criteria import subjects as registry
from gongzhi.foundation.criteria.judging import judge
from gongzhi.foundation.criteria.masks import judge_many

DAY = date(2026, 11, 30)


def _rule(chance: random.Random) -> dict[str, Any]:
    """Return a policy of four or five conditions, as those of a town's park are."""
    leaves = [
        {"field": "size", "is": "in", "value": chance.sample(["small", "micro", "medium", "large"], 2)},
        {"field": "turnover", "is": chance.choice(["<=", ">="]), "value": chance.randrange(100, 5_000, 50)},
        {"field": "staff", "is": chance.choice(["<=", ">="]), "value": chance.randrange(5, 300, 5)},
        {"field": "founded", "years": chance.choice(["<", ">="]), "value": chance.randint(1, 15)},
        {"any": [{"field": "high_tech", "is": "=", "value": True},
            {"field": "industry", "is": "in", "value": chance.sample(["C17", "C26", "C33", "C35", "I65"], 2)}]},
        {"field": "breaches", "is": "=", "value": 0},
    ]  # fmt: skip
    return {"all": chance.sample(leaves, chance.choice([4, 5]))}


def measure(firms: int = 10_000, policies: int = 200, compared: int = 500) -> dict[str, float]:
    """Return seconds of CPU: rows to columns and masks, and one by one scaled from a part; raise where they answer differently."""
    firm, chance = registry.subject("firm"), random.Random(12)
    assert firm is not None
    assert firm.samples is not None
    rows = [row for _copy in range(firms // 500) for row in firm.samples(DAY)]
    nodes = [language.read(_rule(chance), firm) for _policy in range(policies)]
    begun = time.process_time()
    masks, _table = judge_many(nodes, rows, on=DAY)
    many = time.process_time() - begun
    begun = time.process_time()
    told = [[judge(node, row, on=DAY).answer for row in rows[:compared]] for node in nodes]
    alone = time.process_time() - begun
    for answers, (yes, no) in zip(told, masks, strict=True):
        assert answers == [True if y else False if n else None for y, n in zip(yes[:compared], no[:compared], strict=True)]
    return {"many": many, "one": alone / (compared * policies), "alone": alone * firms / compared}
