"""What a count of a budget says, in the reader's language: the rule, each project, and why a file names other winners."""

from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from gongzhi.autonomy_line.budgets import equalshares, greedy
from gongzhi.autonomy_line.elections.contests import Step, plain


def rule(code: str) -> str:
    """Return a rule in a sentence."""
    match code:
        case "greedy":
            return _("By votes: the project with most votes first, as far as the money goes; what does not fit is passed over.")
        case "greedy-threshold":
            return _("By votes with a threshold: below it nothing is funded; what does not fit is passed over.")
        case "greedy-no-skip":
            return _("By votes without passing over: the first project that does not fit ends the count.")
        case "equalshares/add1":
            return _("Equal shares; everybody's share is raised by one unit at a time as long as what is funded fits the budget.")
        case "equalshares/add1u":
            return _("Equal shares with raises; what is left goes to the projects with most votes that still fit.")
        case "equalshares/exhaustive":
            return _("Equal shares with raises until nothing more fits the budget.")
        case _code:
            return _("Equal shares: every voter has the same part of the budget, and supporters of a project pay for it together.")


def decision(made: greedy.Decision) -> str:
    """Return what became of a project under the count by votes, and why."""
    told: dict[str, Any] = {"votes": plain(made.votes), "cost": plain(made.cost), "left": plain(made.left)}
    match made.what:
        case greedy.FUNDED:
            return _("%(votes)s votes; it costs %(cost)s, %(left)s is left: funded.") % told
        case greedy.TOO_DEAR:
            return _("%(votes)s votes; it costs %(cost)s, but only %(left)s is left: not funded.") % told
        case greedy.BELOW:
            return _("%(votes)s votes are below the threshold: not funded.") % told
        case greedy.WITHDRAWN:
            return _("Withdrawn before the count.")
        case _what:
            return _("%(votes)s votes; an earlier project did not fit, and that ended the count.") % told


def purchase(made: equalshares.Purchase) -> str:
    """Return how a project was paid for under equal shares."""
    told = {"cost": plain(made.cost), "supporters": made.supporters, "most": plain(made.most), "all": made.paying_all_they_had}
    if made.paying_all_they_had:
        return _("%(supporters)s supporters pay its cost of %(cost)s: %(most)s each; %(all)s of them pay all they have left.") % told
    return _("%(supporters)s supporters pay its cost of %(cost)s: %(most)s each.") % told


def not_bought(cost: Fraction, money: Fraction, supporters: int) -> str:
    """Return why a project is not funded under equal shares."""
    told = {"cost": plain(cost), "money": plain(money), "supporters": supporters}
    if not supporters:
        return _("Nobody voted for it.")
    if money >= cost:
        return _("Its %(supporters)s supporters have %(money)s left together; it costs %(cost)s.") % told
    return _("Its %(supporters)s supporters have only %(money)s left together; it costs %(cost)s.") % told


def filled() -> str:
    """Return why a project was funded by the completion."""
    return _("Funded with what was left over: it has most votes of what still fits.")


def say(step: Step) -> str:
    """Return one step of the count, or one reason of a difference, as a sentence."""
    given: dict[str, Any] = {name: plain(value) if isinstance(value, Fraction) else value for name, value in step.given.items()}
    match step.code:
        case "columns differ":
            return _(
                "The ballots of the file do not give its own results for %(projects)s projects (%(first)s: %(counted)s counted, %(told)s in the file)."
            ) % given
        case "rule unknown":
            return _("The file does not say its rule; it is counted by votes.")
        case "greedy-custom":
            return _("The city has a rule of its own beside the votes, which the file only describes; it is counted by votes.")
        case "greedy-exclusive":
            return _("Some projects exclude each other there, which the file does not say one by one; it is counted by votes.")
        case "share":
            return _("%(budget)s for %(voters)s voters: a share of %(share)s each.") % given
        case "raised":
            return _("The share was raised %(raises)s times, at the end to %(share)s.") % given
        case "compared":
            return _("%(shares)s voters have more of their projects under equal shares, %(votes)s by votes; what more voters prefer holds.") % given
        case _code:
            return _reason(step.code, given)


def _reason(code: str, given: dict[str, Any]) -> str:
    match code:
        case "marked":
            if given["comment"]:
                return _("The file marks it with %(mark)s: funded for another reason than the count (%(comment)s).") % given
            return _("The file marks it with %(mark)s: funded for another reason than the count.") % given
        case "result differs":
            return _("Its ballots in the file give %(counted)s, the file's own result is %(told)s: not all ballots are in the file.") % given
        case "tied":
            return _("It has as many votes as another project, and the money is not enough for both; the votes do not say which.")
        case "below":
            return _("It has %(votes)s votes, fewer than the threshold of %(threshold)s.") % given
        case "beyond budget":
            return _("What the file names as funded costs %(named)s, more than its budget of %(budget)s: money from elsewhere was added.") % given
        case "dearer than all":
            return _("It costs %(cost)s, more than the whole budget of %(budget)s.") % given
        case "see comment" | "because greedy-custom" | "because greedy-exclusive" | "because unknown":
            if given["comment"]:
                return _("The file says of its rule: %(comment)s") % given
            return _("The file does not describe its rule, or a rule of the city's own decided.")
        case _code:
            return _("The rule that the file names does not give this; the file gives no reason.")
