"""A count of a budget as one JSON object, for programs and people."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from gongzhi.autonomy_line.budgets import counting, pabulib, words
from gongzhi.autonomy_line.elections.contests import plain


def tally(text: str, *, rule: str = "", progress: Callable[[int, Fraction], None] | None = None) -> dict[str, Any]:
    """Count a Pabulib file and return what the count says; raise Malformed."""
    instance = pabulib.read(text)
    return told(instance, counting.count(instance, rule=rule, progress=progress))


def told(instance: pabulib.Instance, outcome: counting.Outcome) -> dict[str, Any]:
    """Return an outcome as plain data."""
    names = {project.id: project for project in instance.projects}
    return {
        "kind": "pb",
        "title": instance.meta.get("description", ""),
        "rule": outcome.rule,
        "rule_in_file": instance.rule,
        "rule_in_words": words.rule(outcome.rule),
        "vote_type": instance.vote_type,
        "budget": plain(instance.budget),
        "spent": plain(outcome.spent),
        "voters": plain(instance.voters),
        "threshold": plain(instance.threshold) if instance.threshold else None,
        "winners": list(outcome.winners),
        "winners_in_file": [project.id for project in instance.projects if (project.selected or 0) > 0] if instance.names_winners else None,
        "in_order": list(outcome.bought),
        "rounds": _rounds(instance, outcome),
        "not_funded": _not_funded(instance, outcome),
        "ties": [list(group) for group in outcome.ties],
        "steps": [words.say(one) for one in outcome.steps],
        "remarks": list(instance.remarks),
        "differs": [
            {
                "project": one.project, "name": names[one.project].name, "in_file": "funded" if one.in_file else "not funded",
                "selected": names[one.project].selected, "counted": "funded" if one.counted else "not funded",
                "reasons": [words.say(reason) for reason in one.reasons],
            }
            for one in outcome.differs
        ],
        "projects": [
            {"project": project.id, "name": project.name, "cost": plain(project.cost), "votes": plain(outcome.votes[project.id]),
             "funded": project.id in outcome.winners} for project in instance.projects
        ],
    }  # fmt: skip


def _rounds(instance: pabulib.Instance, outcome: counting.Outcome) -> list[dict[str, Any]]:
    if outcome.by_votes is not None:
        return [
            {"round": number, "project": made.project, "votes": plain(made.votes), "cost": plain(made.cost), "left": plain(made.left), "decision": made.what,
             "words": words.decision(made)} for number, made in enumerate(outcome.by_votes.decisions, start=1)
        ]  # fmt: skip
    if outcome.shares is None:
        return []
    costs = {project.id: project.cost for project in instance.projects}
    rounds: list[dict[str, Any]] = [
        {"round": number, "project": made.project, "votes": plain(outcome.votes[made.project]), "cost": plain(made.cost), "decision": "funded",
         "supporters": made.supporters, "each": plain(made.most), "paying_all_they_had": made.paying_all_they_had, "tied": list(made.tied),
         "words": words.purchase(made)} for number, made in enumerate(outcome.shares.purchases, start=1)
    ]  # fmt: skip
    for project in outcome.shares.filled:
        rounds.append({"round": len(rounds) + 1, "project": project, "votes": plain(outcome.votes[project]), "cost": plain(costs[project]),
                       "decision": "funded", "words": words.filled()})  # fmt: skip
    return rounds


def _not_funded(instance: pabulib.Instance, outcome: counting.Outcome) -> list[dict[str, Any]]:
    """Return what equal shares did not fund, with the money that its supporters still had together."""
    if outcome.shares is None:
        return []
    supporters = {project.id: Fraction(0) for project in instance.projects}
    for vote in instance.votes:
        for project, points in vote.points:
            supporters[project] += vote.weight if points > 0 else 0
    return [
        {"project": project.id, "cost": plain(project.cost), "money": plain(money),
         "words": words.not_bought(project.cost, money, int(supporters[project.id]))}
        for project in instance.projects if (money := outcome.shares.left.get(project.id)) is not None
    ]  # fmt: skip
