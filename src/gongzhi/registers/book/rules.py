"""Who may post to the book and who may see it."""

from gongzhi.kernel.actors import Actor
from gongzhi.registers.book import reach


def may_keep_book(actor: Actor) -> bool:
    """Only those who keep the town's book post to it."""
    return actor.kind == "system" or actor.can("may_keep_book")


def may_see_book(actor: Actor) -> bool:
    """The town's book is for those who keep it and those who check it."""
    return reach.sees_book(actor)


def may_post(actor: Actor) -> bool:
    """Only those who keep the town's book, or whose post pays from it, post to it."""
    return may_keep_book(actor) or actor.can("may_pay_from_book")
