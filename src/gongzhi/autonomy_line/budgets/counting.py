"""A vote about money, counted by the rule that it names, and set beside the winners that its file names. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gongzhi.autonomy_line.budgets import equalshares, greedy
from gongzhi.autonomy_line.budgets.pabulib import APPROVAL, CHOOSE_ONE, WITHDRAWN_COST, Instance
from gongzhi.autonomy_line.elections.contests import Malformed, Step, step

GREEDY_RULES = ("greedy", "greedy-threshold", "greedy-no-skip", "greedy-exclusive", "greedy-custom")
SHARES = re.compile(r"equal-?shares(?:/(add1u|add1|exhaustive))?(-comparison)?")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A project of which the file says otherwise, and why that may be: codes of `words.reason`, the likeliest first."""

    project: str
    in_file: bool
    counted: bool
    reasons: tuple[Step, ...] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a count gives: who is funded, project by project with words, and where the file says otherwise."""

    rule: str  # as counted
    asked: str  # as the file or the rules name it
    winners: tuple[str, ...]  # in the order of the file
    bought: tuple[str, ...]  # in the order of the count
    spent: Fraction
    votes: Mapping[str, Fraction]
    by_votes: greedy.Greedy | None = None
    shares: equalshares.Shares | None = None
    steps: tuple[Step, ...] = ()
    differs: tuple[Difference, ...] = ()
    ties: tuple[tuple[str, ...], ...] = ()


def sums(instance: Instance) -> dict[str, Fraction]:
    """Return the votes, or points, of each project as the ballots give them."""
    found = {project.id: Fraction(0) for project in instance.projects}
    for vote in instance.votes:
        for project, points in vote.points:
            found[project] += vote.weight * (points if instance.by_score else 1)
    return found


def count(instance: Instance, *, rule: str = "", progress: Callable[[int, Fraction], None] | None = None) -> Outcome:
    """Count by a rule, that of the file unless another is asked for; raise Malformed for a rule that nobody knows."""
    asked = (rule or instance.rule).lower()
    votes = sums(instance)
    told = {project.id: project.told for project in instance.projects if project.told is not None}
    steps: list[Step] = []
    if (off := [project for project, value in told.items() if value != votes[project]]) and len(told) == len(votes):
        steps.append(step("columns differ", projects=len(off), first=off[0], counted=votes[off[0]], told=told[off[0]]))
    if asked == "unknown":
        steps.append(step("rule unknown"))
    if said := SHARES.fullmatch(asked):
        outcome = _by_shares(instance, asked, said.group(1) or "", bool(said.group(2)), votes, steps, progress)
    elif asked in (*GREEDY_RULES, "unknown"):
        outcome = _by_votes(instance, asked, votes, steps)
    else:
        raise Malformed(0, f"the rule {asked!r} is not known; known are {', '.join(GREEDY_RULES)}, equalshares, /add1, /add1u, /exhaustive, -comparison")
    return Outcome(**{**vars(outcome), "differs": _differences(instance, outcome, told)})


def _by_votes(instance: Instance, asked: str, votes: Mapping[str, Fraction], steps: list[Step]) -> Outcome:
    costs = {project.id: project.cost for project in instance.projects}
    withdrawn = frozenset(project.id for project in instance.projects if project.cost == WITHDRAWN_COST)
    found = greedy.count(costs, votes, instance.budget, threshold=instance.threshold, skip=asked != "greedy-no-skip", withdrawn=withdrawn)
    if asked in ("greedy-custom", "greedy-exclusive"):
        steps.append(step(asked))
    rule = "greedy-no-skip" if asked == "greedy-no-skip" else "greedy-threshold" if instance.threshold else "greedy"
    return _outcome(instance, rule, asked, found.winners, votes, steps, by_votes=found, ties=found.ties)


def _outcome(instance: Instance, rule: str, asked: str, bought: tuple[str, ...], votes: Mapping[str, Fraction], steps: list[Step], **more: Any) -> Outcome:
    costs = {project.id: project.cost for project in instance.projects}
    return Outcome(
        rule=rule, asked=asked, winners=tuple(project.id for project in instance.projects if project.id in set(bought)), bought=bought,
        spent=sum((costs[project] for project in bought), Fraction(0)), votes=votes, steps=tuple(steps), **more,
    )  # fmt: skip


def voting_of(instance: Instance) -> equalshares.Voting:
    """Return the voters of a vote in groups; worth is the cost where ballots approve, else the points."""
    costs = {project.id: project.cost for project in instance.projects}
    worth = equalshares.COST if instance.vote_type in (APPROVAL, CHOOSE_ONE) else equalshares.POINTS
    try:
        return equalshares.voting(costs, [(vote.weight, vote.points) for vote in instance.votes], worth=worth)
    except ValueError as error:
        raise Malformed(0, "equal shares need whole voters; this file gives some votes part of a strength") from error


def _by_shares(
    instance: Instance, asked: str, completion: str, compared: bool, votes: Mapping[str, Fraction], steps: list[Step],
    progress: Callable[[int, Fraction], None] | None,
) -> Outcome:  # fmt: skip
    voters = voting_of(instance)
    found = equalshares.count(voters, instance.budget, completion=completion, votes=votes, progress=progress)
    steps.append(step("share", budget=instance.budget, voters=Fraction(voters.voters), share=instance.budget / max(1, voters.voters)))
    if completion:
        steps.append(step("raised", raises=found.raises, share=found.share))
    rule = "equalshares" + (f"/{completion}" if completion else "")
    if compared:
        costs = {project.id: project.cost for project in instance.projects}
        by_votes = greedy.count(costs, votes, instance.budget)
        prefer_shares, prefer_votes = _preferred(instance, set(found.winners), set(by_votes.winners))
        steps.append(step("compared", shares=prefer_shares, votes=prefer_votes))
        if prefer_votes > prefer_shares:
            return _outcome(instance, "greedy", asked, by_votes.winners, votes, steps, by_votes=by_votes, ties=by_votes.ties)
    ties = tuple(purchase.tied for purchase in found.purchases if purchase.tied)
    return _outcome(instance, rule, asked, found.winners, votes, steps, shares=found, ties=ties)


def _preferred(instance: Instance, shares: set[str], votes: set[str]) -> tuple[Fraction, Fraction]:
    """Return how many voters have more of their projects under equal shares, and how many by votes."""
    for_shares = for_votes = Fraction(0)
    for vote in instance.votes:
        named = [project for project, _points in vote.points]
        one, other = sum(project in shares for project in named), sum(project in votes for project in named)
        if one > other:
            for_shares += vote.weight
        elif other > one:
            for_votes += vote.weight
    return for_shares, for_votes


def _differences(instance: Instance, outcome: Outcome, told: Mapping[str, Fraction]) -> tuple[Difference, ...]:
    """Return where the file names other winners, each with the reasons that the file gives or that the figures show."""
    if not instance.names_winners:
        return ()
    tied = {project for group in outcome.ties for project in group}
    named = sum((project.cost for project in instance.projects if project.selected == 1), Fraction(0))
    found = []
    for project in instance.projects:
        in_file, counted = (project.selected or 0) > 0, project.id in outcome.winners
        if in_file == counted:
            continue
        reasons: list[Step] = []
        if (project.selected or 0) > 1:
            reasons.append(step("marked", mark=project.selected, comment=instance.meta.get("comment", "")))
        if project.id in told and told[project.id] != outcome.votes[project.id]:
            reasons.append(step("result differs", counted=outcome.votes[project.id], told=told[project.id]))
        if project.id in tied:
            reasons.append(step("tied"))
        if in_file and outcome.votes[project.id] < instance.threshold:
            reasons.append(step("below", votes=outcome.votes[project.id], threshold=instance.threshold))
        if named > instance.budget:
            reasons.append(step("beyond budget", named=named, budget=instance.budget))
        if outcome.asked in ("greedy-custom", "greedy-exclusive", "unknown"):
            reasons.append(step(f"because {outcome.asked}", comment=instance.meta.get("comment", "")))
        if not reasons and in_file and project.cost > instance.budget:
            reasons.append(step("dearer than all", cost=project.cost, budget=instance.budget))
        if not reasons and any(instance.meta.get("comment", "")):
            reasons.append(step("see comment", comment=instance.meta["comment"]))
        if not reasons:
            reasons.append(step("follows another", rule=outcome.rule))
        found.append(Difference(project=project.id, in_file=in_file, counted=counted, reasons=tuple(reasons)))
    return tuple(found)
