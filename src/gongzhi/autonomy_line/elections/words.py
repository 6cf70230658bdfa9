"""What the steps of a count say, in the reader's language."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.autonomy_line.elections.contests import Step, plain

RULES = ("stv", "scottish", "runoff", "block", "second-round", "majority", "approval")


def rule(code: str) -> str:
    """Return a rule of counting in a sentence."""
    match code:
        case "stv":
            return _("Single transferable vote: Droop quota, surpluses by weighted inclusive Gregory, in exact fractions.")
        case "scottish":
            return _("Single transferable vote of the Scottish council elections: Droop quota, weighted inclusive Gregory, values cut to five decimals.")
        case "runoff":
            return _("Run-off by rankings: in each round every ballot counts for the highest ranked candidate who still stands.")
        case "block":
            return _("Double majority: more than half of the voters take part, and more than half of those who take part vote for a candidate.")
        case "second-round":
            return _("Second round: most votes win, with at least one third of those who took part.")
        case "majority":
            return _("One seat by majority: more than half of those who took part.")
        case _code:
            return _("Approval: each ballot may name any number of candidates, most approvals win.")


def names(given: Iterable[str]) -> str:
    """Return names in a row."""
    return _(", ").join(given)


def _how(code: str) -> str:
    match code:
        case "votes":
            return _("by the votes of an earlier round")
        case "lot":
            return _("by the lot that was drawn")
        case "seed":
            return _("by the lot that follows from the seed of the rules")
        case "rule":
            return _("by the order that the rules name")
        case "vote again":
            return _("by voting again among them")
        case _code:
            return _("by the order of the list, until a lot is drawn")


def _about(code: str) -> str:
    match code:
        case "elected":
            return _("who is elected")
        case "excluded":
            return _("who leaves")
        case "transferred first":
            return _("whose surplus is transferred first")
        case _code:
            return _("which of two near relatives stays")


def say(step: Step) -> str:
    """Return one step of a count as a sentence."""
    given: dict[str, Any] = {name: plain(value) if isinstance(value, Fraction) else value for name, value in step.given.items()}
    match step.code:
        case "valid":
            return _("%(cast)s ballots were cast; %(valid)s count, %(blank)s name nobody.") % given
        case "droop":
            return _("Quota: %(valid)s valid ballots divided by one more than the %(seats)s seats, the fraction left away, plus one: %(quota)s.") % given
        case "unclear":
            return _("%(ballots)s ballots leave a place empty or put several candidates at one place; each counts up to there.") % given
        case "first preferences":
            return _("Every ballot lies with its first preference.")
        case "reached quota":
            return _("%(name)s has %(votes)s votes, the quota is %(quota)s: elected.") % given
        case "last seats":
            return _("As many candidates are left as seats: %(names)s are elected.") % {"names": names(given["names"])}
        case "surplus":
            return _("%(name)s has %(surplus)s votes more than needed; every ballot goes on with %(value)s of its value (%(surplus)s of %(votes)s).") % given
        case "excluded":
            return _("%(name)s has fewest votes (%(votes)s) and leaves; those ballots go on to the next preference.") % given
        case "tie":
            told = {"names": names(given["between"]), "about": _about(given["about"]), "how": _how(given["how"]), "chosen": given["chosen"]}
            if not given["chosen"]:
                return _("%(names)s have equally many votes; %(about)s is settled %(how)s.") % told
            return _("%(names)s have equally many votes; %(about)s is settled %(how)s: %(chosen)s.") % told
        case "threshold":
            return _("%(active)s ballots count in this round; %(needed)s votes are needed.") % given
        case "elected":
            if given["needed"] is None:
                return _("%(name)s has %(votes)s votes: elected.") % given
            return _("%(name)s has %(votes)s votes (limit %(needed)s): elected.") % given
        case "write-ins":
            return _("Write-ins that nobody declared leave first; together they have %(votes)s votes.") % given
        case "below least":
            return _("%(names)s have fewer votes than the %(least)s that the rules ask for, and leave.") % {**given, "names": names(given["names"])}
        case "batch":
            told = {**given, "names": names(given["names"])}
            return _("%(names)s leave at once: together they have %(together)s votes, the next has %(next)s; none of them can catch up.") % told
        case _code:
            return _of_crosses(step.code, given)


def _of_crosses(code: str, given: dict[str, Any]) -> str:
    match code:
        case "crosses":
            return _("%(cast)s ballots were found: %(valid)s valid, %(void)s void, %(blank)s blank. A ballot may name up to %(most)s.") % given
        case "too many ballots":
            return _("%(cast)s ballots were found, but only %(took_part)s people voted: the vote does not count.") % given
        case "half of the roll":
            if given["reached"]:
                return _("%(took_part)s of %(registered)s voters took part, more than half: the vote counts.") % given
            return _("%(took_part)s of %(registered)s voters took part, not more than half: the vote does not count.") % given
        case "more than":
            return _("Elected is who has more than %(needed)s votes (of %(took_part)s who took part).") % given
        case "at least":
            return _("Elected is who has most votes and at least %(needed)s (of %(took_part)s who took part).") % given
        case "enough but no seat":
            return _("%(names)s reached the limit too, but others have more votes.") % {"names": names(given["names"])}
        case "relative":
            why = {"post": _("the higher post stays"), "votes": _("more votes stay"), "lot": _("the lot decided")}[given["why"]]
            return _("%(stays)s and %(leaves)s are near relatives; %(leaves)s gives way (%(why)s).") % {**given, "why": why}
        case "second round":
            return _("%(seats)s seats are open. In the second round stand %(names)s.") % {**given, "names": names(given["names"])}
        case "may stay vacant":
            return _("%(elected)s are elected; the other %(seats)s seats may stay vacant.") % given
        case _code:
            return _("The count went on.")
