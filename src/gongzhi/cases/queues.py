"""The queues of the desk: what each is called, its icon, and whose work it is. The sidebar and the desk draw the same ones."""

from django.utils.translation import gettext_lazy as lazy

from gongzhi.cases import rules
from gongzhi.kernel.actors import Actor

QUEUE_WORDS = {
    "mine": (lazy("My due work"), "inbox"), "unit": (lazy("All of my unit"), "list-filter"), "verify": (lazy("To check"), "circle-check"),
    "joined": (lazy("Joined"), "git-merge"), "followed": (lazy("I follow"), "eye"), "overdue": (lazy("Overdue"), "triangle-alert"),
    "returned": (lazy("Returned"), "undo-2"), "dispatch": (lazy("To dispatch"), "send"), "unlocated": (lazy("In no grid"), "map-pin-off"),
    "follow_ups": (lazy("Follow-ups"), "phone"), "all": (lazy("All open"), "list"), "closed": (lazy("Ended"), "archive"),
    "any": (lazy("Found, open and ended"), "search"),
}  # fmt: skip


def queues_of(actor: Actor) -> list[str]:
    """Return the queues that this actor's posts have work in."""
    wanted = ["mine", "unit"]
    if actor.can("may_see_area_cases", "may_dispatch"):
        wanted.append("verify")
    wanted += ["joined", "followed", "overdue", "returned"]
    if rules.may_dispatch(actor):
        wanted += ["dispatch", "unlocated"]
    if actor.can("may_see_all_follow_ups", "may_see_follow_ups"):
        wanted.append("follow_ups")
    return [*wanted, "all", "closed"]
