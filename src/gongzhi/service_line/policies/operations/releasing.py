"""A policy is prepared, linked, released by a second person, and ends by an act that everything linked with it hears of."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import letters, queries, rules
from gongzhi.service_line.policies.facts import PolicyEnded, PolicyLinked, PolicyPrepared, PolicyReleased
from gongzhi.service_line.policies.models import Clause, Consultation, Link, Paper, Policy, Replacement, Topic
from gongzhi.service_line.policies.operations import passages


class BadCode(Refused):
    sentence = _("The short name in the address has small letters, digits and hyphens, at most 60.")
    field = "code"


class CodeTaken(Refused):
    sentence = _("Another policy has this short name already.")
    field = "code"


class NumberTaken(Refused):
    sentence = _("Another policy has this number already.")
    field = "number"


class NoTitle(Refused):
    sentence = _("Give it its title.")
    field = "title"


class NoText(Refused):
    sentence = _("The letter of the policy is missing.")
    field = "text"


class Backwards(Refused):
    sentence = _("The last day must not lie before the first.")
    field = "valid_until"


class AlreadyReleased(Refused):
    sentence = _("“%(title)s” is released; its letter is not changed any more. A new policy may replace it.")


class AlreadyEnded(Refused):
    sentence = _("“%(title)s” has ended already.")


class NoReasonToEnd(Refused):
    sentence = _("Say why it is repealed; everybody reads it.")
    field = "reason"


class ResultLacks(Refused):
    sentence = _("Everybody was asked about “%(title)s”, and the result is not published yet. It comes first.")


class NotNumbered(Refused):
    sentence = _("A policy is released under its number. Enter it first.")
    field = "number"


def _links(policy: Policy) -> tuple[str, ...]:
    return tuple(f"{link.kind}:{link.code}" for link in policy.links.order_by("pk"))


def _locked(policy_id: int) -> Policy:
    return Policy.objects.select_for_update(of=("self",)).get(pk=policy_id)


@operation
def prepare_policy(
    *, by: Actor, at: datetime, code: str, title: str, organ_id: int, signed_on: date, valid_from: date, text: str, number: str = "",
    handled_by_id: int | None = None, valid_until: date | None = None, evaluate_on: date | None = None, topics: Sequence[str] = (),
    area_id: int | None = None, gist: str = "", replaces: Sequence[str] = (), consultation_id: int | None = None, policy_id: int | None = None,
) -> Policy:  # fmt: skip
    """Prepare a policy, or change one (`policy_id`) that is not released yet. `text` is its letter, cut at its clauses.

    `replaces`: codes of policies that end on the day from which this one holds. Raises BadCode, CodeTaken, NumberTaken, NoTitle, NoText,
    Backwards, AlreadyReleased, NoSuchPolicy.
    """
    known = _locked(policy_id) if policy_id is not None else None
    ensure(rules.may_prepare)
    if known is not None:
        ensure(rules.may_work_on, known)
        if known.is_released:
            raise AlreadyReleased(known, title=known.title)
    code, title, number = code.strip(), title.strip(), " ".join(number.split())
    if not (0 < len(code) <= 60 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()):
        raise BadCode
    if not title:
        raise NoTitle
    clauses = letters.split(text)[: letters.MOST]
    if not clauses:
        raise NoText
    if valid_until is not None and valid_until < valid_from:
        raise Backwards
    old = queries.policies_by_code(seen_by=by, codes=replaces)
    others = Policy.objects.exclude(pk=policy_id) if policy_id is not None else Policy.objects.all()
    if others.filter(code=code).exists():
        raise CodeTaken
    if number and others.filter(number=number).exists():
        raise NumberTaken
    policy = known or Policy(town_id=current_town())
    policy.code, policy.title, policy.number, policy.organ_id = code, title[:120], number[:60], organ_id
    policy.signed_on, policy.valid_from, policy.valid_until, policy.evaluate_on = signed_on, valid_from, valid_until, evaluate_on
    policy.handled_by_id, policy.area_id, policy.gist = handled_by_id, area_id, gist.strip()
    policy.topics = [topic for topic in dict.fromkeys(topics) if topic in Topic.values]
    policy.consultation_id = consultation_id
    policy.prepared_by_id, policy.prepared_at = by.person_id, at
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError as error:  # somebody else took the code meanwhile
        raise CodeTaken from error
    policy.clauses.all().delete()
    Clause.objects.bulk_create(
        Clause(town_id=current_town(), policy=policy, place=place, number=name[:20], text=words) for place, (name, words) in enumerate(clauses)
    )
    policy.replacements.all().delete()
    Replacement.objects.bulk_create(Replacement(town_id=current_town(), policy=policy, old=one) for one in old)
    record(PolicyPrepared(subject=ref(policy), code=code, public=False))
    return policy


@operation
def link_policy(*, by: Actor, at: datetime, policy_id: int, kind: str, code: str, title: str, note: str = "", clause: str = "") -> Link:
    """Link a policy with what it makes or rests on; the same thing again is described anew."""
    policy = _locked(policy_id)
    ensure(rules.may_work_on, policy)
    if not code.strip() or kind not in Link.Kind.values:
        raise NoSuchThing
    link, _made = Link.objects.update_or_create(
        town_id=current_town(), policy=policy, kind=kind, code=code.strip()[:80],
        defaults={"title": (title.strip() or code.strip())[:120], "note": note.strip()[:120], "clause": clause.strip()[:40]},
    )  # fmt: skip
    record(PolicyLinked(subject=ref(policy), code=policy.code, what=f"{kind}:{link.code}", public=policy.is_released))
    return link


class NoSuchThing(Refused):
    sentence = _("Say what it is linked with, by its code.")
    field = "code"


@operation
def unlink_policy(*, by: Actor, at: datetime, policy_id: int, link_id: int) -> Policy:
    """Take away a link."""
    policy = _locked(policy_id)
    ensure(rules.may_work_on, policy)
    policy.links.filter(pk=link_id).delete()
    record(PolicyLinked(subject=ref(policy), code=policy.code, what="", public=policy.is_released))
    return policy


@operation
def add_paper(*, by: Actor, at: datetime, policy_id: int, attachment_id: int, name: str) -> Paper:
    """Hang a file on a policy; it must have been added as one that everybody may see."""
    policy = _locked(policy_id)
    ensure(rules.may_work_on, policy)
    paper = Paper.objects.create(town_id=current_town(), policy=policy, attachment_id=attachment_id, name=name.strip()[:120])
    record(PolicyLinked(subject=ref(policy), code=policy.code, what=f"paper:{attachment_id}", public=policy.is_released))
    return paper


@operation
def release_policy(*, by: Actor, at: datetime, policy_id: int) -> Policy:
    """Release what another has prepared: everybody reads it from now on, and what it replaces ends on the day from which it holds.

    Raises AlreadyReleased, NotNumbered, and ResultLacks where everybody was asked about its draft and has not been answered.
    """
    policy = _locked(policy_id)
    ensure(rules.may_release, policy)
    if policy.is_released:
        raise AlreadyReleased(policy, title=policy.title)
    if not policy.number:
        raise NotNumbered
    if policy.consultation_id is not None:
        asked = Consultation.objects.get(pk=policy.consultation_id)
        if not asked.is_told:
            raise ResultLacks(asked, title=asked.title)
    policy.released_at = at
    policy.save(update_fields=["released_at"])
    clauses = [(one.number, one.text) for one in policy.clauses.order_by("place")]
    digest = hashlib.sha256(letters.joined(clauses).encode()).hexdigest()
    record(PolicyReleased(subject=ref(policy), code=policy.code, number=policy.number, valid_from=policy.valid_from, digest=digest, links=_links(policy)))
    passages._keep_policy(policy, at)
    for old in queries.replacements(seen_by=by, policy=policy):
        old = _locked(old.pk)
        if old.ended_on is None or old.ended_on > policy.valid_from:
            _end(old, at, how=Policy.Ending.REPLACED, since=policy.valid_from, by_policy=policy)
    return policy


def _end(policy: Policy, at: datetime, *, how: str, since: date, by_policy: Policy | None = None, reason: str = "") -> None:
    policy.ended_how, policy.ended_on, policy.ended_by, policy.end_reason = how, since, by_policy, reason[:300]
    policy.save(update_fields=["ended_how", "ended_on", "ended_by", "end_reason"])
    passages._keep_policy(policy, at)
    record(PolicyEnded(
        subject=ref(policy), code=policy.code, how=str(how), since=since, by_code=by_policy.code if by_policy else "", links=_links(policy)
    ))  # fmt: skip


@operation
def repeal_policy(*, by: Actor, at: datetime, policy_id: int, since: date, reason: str) -> Policy:
    """Repeal a released policy from a day on, with the reason. Raises AlreadyEnded, NoReasonToEnd, TooEarly."""
    policy = _locked(policy_id)
    ensure(rules.may_end, policy)
    today = territory.day_of(seen_by=by, at=at)
    if not policy.is_released or policy.state_on(today) == "ended":
        raise AlreadyEnded(policy, title=policy.title)
    if not reason.strip():
        raise NoReasonToEnd
    if since < today:
        raise TooEarly(day=today.isoformat())
    _end(policy, at, how=Policy.Ending.REPEALED, since=since, reason=reason.strip())
    return policy


class TooEarly(Refused):
    sentence = _("It can end from %(day)s on, not earlier: nobody was told of it before.")
    field = "since"


@operation
def expire_policies(*, by: Actor, at: datetime, policy_ids: Sequence[int]) -> int:
    """Mark policies whose last day has passed as ended, so that everything linked hears of it; return how many."""
    ensure(rules.may_expire)
    today = territory.day_of(seen_by=by, at=at)
    count = 0
    for policy_id in policy_ids:
        policy = _locked(policy_id)
        if policy.is_released and policy.ended_on is None and policy.valid_until is not None and policy.valid_until < today:
            _end(policy, at, how=Policy.Ending.EXPIRED, since=date.fromordinal(policy.valid_until.toordinal() + 1))
            count += 1
    if not count:
        raise NothingExpired
    return count


class NothingExpired(Refused):
    sentence = _("No policy has run out.")
