"""Who may use which face. The first line of each docstring is the refusal that the reader sees."""

from gongzhi.kernel.actors import Actor


def may_use_desk(actor: Actor) -> bool:
    """The desk is for people who hold a post of the town."""
    return actor.is_signed_in and actor.can("may_use_desk")


def may_use_cockpit(actor: Actor) -> bool:
    """The command screen is for the committee, dispatchers, supervisors and offices; the open figures are for everybody."""
    return actor.is_signed_in and actor.can("may_use_cockpit")


def may_use_field(actor: Actor) -> bool:
    """The field app is for grid workers and station officers."""
    return actor.is_signed_in and actor.can("may_use_field")


def may_use_firm_home(actor: Actor) -> bool:
    """This page is for a firm's contact."""
    return actor.is_signed_in and actor.can("may_speak_for_firm")


def may_administer(actor: Actor) -> bool:
    """The town's settings are for the committee and the administrator."""
    return actor.is_signed_in and actor.can("may_administer")


def may_open_town(actor: Actor) -> bool:
    """Towns are founded by the installation's own administrator, from the command line."""
    return actor.kind == "system"


def follows_by_code(actor: Actor) -> bool:
    """A firm's contact finds the firm's cases on the firm's page."""
    return not may_use_firm_home(actor)


def signed_in(actor: Actor) -> bool:
    """Sign in to see your own page."""
    return actor.is_signed_in


def anybody(actor: Actor) -> bool:
    """Everybody may go here."""
    return True
