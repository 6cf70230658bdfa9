"""Matters of the demo towns: what they offer, and two months of applications among everything else that happened."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gongzhi.kernel.actors import Actor
from gongzhi.service_line.applications import demo
from gongzhi.service_line.applications import queries as matters

FATES = (  # what a reader of the demo is to find: (matter, days ago, fate)
    ("GH-01", 8, "branches"), ("GH-01", 26, "review"), ("SS-02", 0.4, "wait"), ("HJ-01", 3, "correct"), ("YJS-01", 6, "good"), ("YJS-01", 0.3, "wait"),
    ("SS-03", 24, "branches"), ("RS-02", 2, "correct"), ("GH-02", 14, "late"), ("GH-04", 12, "refuse"), ("SW-01", 4, "good"), ("WJ-01", 5, "good"),
)  # fmt: skip


def plan(
    *, by: Actor, kit: Any, at: Callable[[datetime, Callable[[datetime], Any]], None], working: Any, count: int, days: int, seed: int, founded: datetime
) -> None:
    """Offer the matters, and let applications come in over these days, each act at its own time (`at` puts it there)."""
    demo.offer(by=by, at=founded, units=set(kit.organs))
    offered = {item.code: item for item in matters.offered(seen_by=by)}
    if not offered:
        return
    chance = random.Random(seed)

    def after(start: datetime, hours: float) -> datetime:
        return working.moment_of(working.seconds_before(start) + hours * 3600) + timedelta(seconds=chance.randint(0, 59))  # type: ignore[no-any-return]

    applicants = [kit.people[name].pk for name in ("resident", "resident2") if name in kit.people]
    contact = kit.people.get("enterprise")
    firms = {kit.organs["firm-dyeing"].pk: contact.pk} if contact is not None and "firm-dyeing" in kit.organs else {}
    story = demo.Story(at=at, after=after, actor=kit.actor, officers=kit.officers, applicants=applicants, firms=firms, chance=chance)
    usable = [item for item in offered.values() if item.current is not None and (firms or not item.current.is_for_firms_only)]
    instant = [item for item in usable if item.current is not None and item.current.pattern in ("instant", "promise")]
    begin = kit.now - timedelta(days=days)
    for _n in range(count):
        moment = after(begin + timedelta(days=days * chance.random()), 0)
        item = chance.choice(instant if instant and chance.random() < 0.5 else usable)
        if item.current is not None and item.current.pattern != "bundle":
            story.begin(item, moment)
    for code, ago, fate in FATES:
        if offered.get(code) in usable:
            story.begin(offered[code], after(kit.now - timedelta(days=ago), 0) if ago >= 1 else kit.now - timedelta(days=ago), fate=fate)
