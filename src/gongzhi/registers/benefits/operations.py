"""Acts on benefits: draft, try, adopt; match everybody; ask; pay in batches; take back."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from gongzhi.foundation.criteria import judging
from gongzhi.foundation.criteria import queries as criteria
from gongzhi.foundation.notices import operations as notices
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.registers.benefits import definitions, matching, packing, queries, rules
from gongzhi.registers.benefits.facts import (
    BenefitAdopted,
    BenefitAsked,
    BenefitDrafted,
    BenefitsFound,
    BenefitsMatched,
    BenefitsPaid,
    BenefitsTold,
    BenefitTakenBack,
    BenefitTried,
)
from gongzhi.registers.benefits.models import Ask, Award, Batch, Benefit, BenefitVersion, Finding, Told
from gongzhi.registers.book import money
from gongzhi.registers.book import operations as book
from gongzhi.registers.book import queries as book_queries
from gongzhi.registers.firms import queries as firms
from gongzhi.registers.residents import queries as residents

OWN = queries.OWN
EXPENSE, TREASURY = "benefits", "treasury"  # accounts of the book
AT_ONCE = 2_000  # rows of one statement


class BadDefinition(Refused):
    sentence = _("The benefit cannot be used: %(faults)s")
    field = "definition"
    status = 422


class OtherSubject(Refused):
    sentence = _("This benefit is for others; give the new one another code.")
    field = "for"


class NothingDrafted(Refused):
    sentence = _("There is no draft of this benefit.")


class NotTried(Refused):
    sentence = _("Try it first as it stands now: whom it meets and what it costs is known before it is adopted.")


class Backwards(Refused):
    sentence = _("It can hold from %(day)s on, not earlier: nobody was told of it before, and versions follow each other.")
    field = "from"


class NotInForce(Refused):
    sentence = _("This benefit does not hold today.")


class NothingToPay(Refused):
    sentence = _("Everybody who is entitled is paid already for this period.")


class ListChanged(Refused):
    sentence = _("The list changed since you saw it: now %(count)s with %(yuan)s yuan together. Look at it again.")


class BudgetSpent(Refused):
    sentence = _("The budget has %(left)s yuan left, the list comes to %(yuan)s yuan. Nothing was paid.")


class NotForYou(Refused):
    sentence = _("This does not fit yet: %(what)s.")


class AskedAlready(Refused):
    sentence = _("It is asked for already for this period.")


class PaidAlready(Refused):
    sentence = _("It is paid already for this period.")


class NotAsked(Refused):
    sentence = _("Nobody needs to ask for this benefit; it is paid by itself.")


class BackAlready(Refused):
    sentence = _("It is taken back already.")


class NoReason(Refused):
    sentence = _("Give the reason.")
    field = "reason"


def _faults(bad: definitions.BadBenefit) -> BadDefinition:
    place = bad.faults[0][0]
    return BadDefinition(field=place.split("/")[0] or "definition", faults="; ".join(f"{at or '/'}: {words}" for at, words in bad.faults[:8]))


# ---- drafts ---------------------------------------------------------------------------------------------------------
@operation
def draft_benefit(*, by: Actor, at: datetime, definition: Mapping[str, Any]) -> BenefitVersion:
    """Write the draft of the benefit whose code the definition names; a new code begins a new benefit. Every fault is told with its place."""
    ensure(rules.may_draft_benefits)
    raw = definitions.plain(definition)
    try:
        terms = definitions.read(raw, criteria.parameters(seen_by=by), on=queries.today(seen_by=by, at=at))
    except definitions.BadBenefit as bad:
        raise _faults(bad) from bad
    benefit = Benefit.objects.select_for_update().filter(code=terms.code).first()
    if benefit is None:
        benefit = Benefit.objects.create(town_id=current_town(), code=terms.code, title=terms.title, subject=terms.subject)
    elif benefit.subject != terms.subject:
        raise OtherSubject
    draft = benefit.versions.filter(adopted_at__isnull=True).first()
    if draft is None:
        last = benefit.versions.order_by("-number").first()
        draft = BenefitVersion(town_id=current_town(), benefit=benefit, number=last.number + 1 if last else 1)
    draft.definition, draft.starts_on, draft.ends_on, draft.made_at = raw, terms.starts_on, terms.ends_on, at
    draft.save()
    record(BenefitDrafted(subject=ref(benefit), code=benefit.code, number=draft.number, public=False))
    return draft


@operation
def try_benefit(*, by: Actor, at: datetime, code: str) -> queries.Trial:
    """Judge everybody in the register by the draft, beside the benefits that hold, and keep how many it meets and what it costs."""
    ensure(rules.may_draft_benefits)
    benefit = Benefit.objects.select_for_update().get(code=code)
    draft = queries.draft_of(seen_by=by, benefit=benefit)
    if draft is None:
        raise NothingDrafted
    try:
        queries.terms_of(seen_by=by, version=draft)
    except definitions.BadBenefit as bad:
        raise _faults(bad) from bad
    found = queries.trial(seen_by=by, version=draft, on=queries.today(seen_by=by, at=at))
    draft.tried_at = at
    draft.tried = {
        "digest": definitions.digest(draft.definition), "total": found.total, "entitled": found.entitled, "nearly": found.nearly, "beside": found.beside,
        "cents": found.cents, "by_size": [list(one) for one in found.by_size], "misses": [list(one) for one in found.misses], "ids": list(found.ids),
        "faults": found.faults,
    }  # fmt: skip
    draft.save(update_fields=["tried_at", "tried"])
    record(BenefitTried(
        subject=ref(benefit), code=code, number=draft.number, entitled=found.entitled, nearly=found.nearly, cents=found.cents, public=False
    ))  # fmt: skip
    return found


@operation
def adopt_benefit(*, by: Actor, at: datetime, code: str) -> BenefitVersion:
    """Make the draft the version by which the town gives from its first day on. It must have been tried as it stands; its payments get their accounts."""
    ensure(rules.may_adopt_benefits)
    benefit = Benefit.objects.select_for_update().get(code=code)
    draft = queries.draft_of(seen_by=by, benefit=benefit)
    if draft is None:
        raise NothingDrafted
    today = queries.today(seen_by=by, at=at)
    try:
        terms = definitions.read(draft.definition, criteria.parameters(seen_by=by), on=max(today, draft.starts_on))
    except definitions.BadBenefit as bad:
        raise _faults(bad) from bad
    if draft.tried_at is None or draft.tried.get("digest") != definitions.digest(draft.definition):
        raise NotTried
    last = benefit.versions.filter(adopted_at__isnull=False).order_by("-starts_on").first()
    earliest = max(today, last.starts_on) if last else today
    if draft.starts_on < earliest:
        raise Backwards(day=earliest.isoformat())
    draft.adopted_at, draft.adopted_by = at, by.ref
    draft.save(update_fields=["adopted_at", "adopted_by"])
    benefit.title = terms.title
    benefit.save(update_fields=["title"])
    known = set(book_queries.accounts(seen_by=OWN).filter(code__in=(EXPENSE, TREASURY)).values_list("code", flat=True))
    for account, title, sort in ((EXPENSE, _("Benefits paid"), "expense"), (TREASURY, _("Treasury"), "asset")):
        if account not in known:
            book.open_account(by=OWN, at=at, code=account, title=str(title), sort=sort)
    record(BenefitAdopted(
        subject=ref(benefit), code=code, number=draft.number, starts_on=draft.starts_on, digest=definitions.digest(draft.definition)
    ))  # fmt: skip
    return draft


# ---- finding --------------------------------------------------------------------------------------------------------
def _keep(subject: str, made: queries.Match, at: datetime) -> tuple[list[list[int]], list[list[int]]]:
    """Write what was found; return for each row the benefits it is entitled to, and nearly."""
    keys = [version.benefit_id for version in made.versions]
    entitled, nearly = packing.listed(made.matched, keys, matching.ENTITLED), packing.listed(made.matched, keys, matching.NEARLY)
    reasons = packing.packed(made.matched)
    ids = [int(row["id"]) for row in made.rows]
    sizes = [str(row.get("size") or "") for row in made.rows]
    with connection.cursor() as cursor:
        for begin in range(0, len(ids), AT_ONCE):
            part = slice(begin, begin + AT_ONCE)
            cursor.execute(
                "INSERT INTO benefits_finding (town_id, subject, subject_id, size, \"on\", at, entitled, nearly, reasons)"
                " SELECT %s, %s, x.id, x.size, %s, %s, x.entitled::int[], x.nearly::int[], x.reasons"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bytea[]) AS x(id, size, entitled, nearly, reasons) ORDER BY x.id"
                " ON CONFLICT (town_id, subject, subject_id) DO UPDATE SET size = excluded.size, \"on\" = excluded.on, at = excluded.at,"
                " entitled = excluded.entitled, nearly = excluded.nearly, reasons = excluded.reasons",
                [current_town(), subject, made.on, at, ids[part], sizes[part], [_array(one) for one in entitled[part]],
                 [_array(one) for one in nearly[part]], reasons[part]],
            )  # fmt: skip
    return entitled, nearly


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _tell(subject: str, made: queries.Match, entitled: list[list[int]], at: datetime) -> None:
    """Tell whoever is entitled to something and was not told of it yet; firms by those who serve them, residents by their account."""
    ids = [int(row["id"]) for row in made.rows]
    wanted: dict[int, list[int]] = defaultdict(list)
    for subject_id, benefit_ids in zip(ids, entitled, strict=True):
        for benefit_id in benefit_ids:
            wanted[benefit_id].append(subject_id)
    if not wanted:
        return
    told = set(Told.objects.filter(subject=subject, subject_id__in=ids).values_list("benefit_id", "subject_id"))
    some = sorted({pk for listed in wanted.values() for pk in listed})
    if subject == "firm":
        people = firms.people_of(seen_by=OWN, firm_ids=some, on=made.on)
    else:
        people = {pk: [person] for pk, person in residents.accounts_of(seen_by=OWN, resident_ids=some).items()}
    for version in made.versions:
        fresh = [pk for pk in wanted.get(version.benefit_id, ()) if (version.benefit_id, pk) not in told and people.get(pk)]
        if not fresh:
            continue
        Told.objects.bulk_create([Told(town_id=current_town(), benefit_id=version.benefit_id, subject=subject, subject_id=pk, at=at) for pk in fresh])
        notices.give_notice(
            by=OWN, at=at, person_ids=[person for pk in fresh for person in people[pk]], kind="benefits.BenefitsTold",
            title=gettext_noop("You are entitled to “%(title)s”."), params={"title": version.benefit.title}, url="/benefits/own/",
            dedupe=f"benefit:{version.benefit_id}",
        )  # fmt: skip
        record(BenefitsTold(subject=ref(version.benefit), code=version.benefit.code, of=subject, subject_ids=tuple(fresh), public=False))


@operation
def match_all(*, by: Actor, at: datetime, subject: str) -> int:
    """Match everybody of a subject with every benefit that holds today, keep every reason, tell who is newly entitled; return how many were judged."""
    ensure(rules.may_match)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"benefits:{subject}", current_town()])
    made = queries.match(seen_by=OWN, subject=subject, on=queries.today(seen_by=by, at=at))
    entitled, _nearly = _keep(subject, made, at)
    Finding.objects.filter(subject=subject).exclude(at=at).delete()  # of those who left
    _tell(subject, made, entitled, at)
    record(BenefitsMatched(
        subject=f"territory.town:{current_town()}", of=subject, on=made.on, benefits=len(made.versions), judged=len(made.rows),
        entitled=sum(map(len, entitled)), public=False,
    ))  # fmt: skip
    return len(made.rows)


@operation
def match_one(*, by: Actor, at: datetime, subject: str, subject_id: int) -> Finding | None:
    """Match one firm or resident anew with every benefit that holds today; None where they are here no longer."""
    ensure(rules.may_match)
    made = queries.match(seen_by=OWN, subject=subject, on=queries.today(seen_by=by, at=at), ids=[subject_id])
    if not made.rows:
        Finding.objects.filter(subject=subject, subject_id=subject_id).delete()
        record(BenefitsFound(subject=f"{subject}s.{subject}:{subject_id}", of=subject, entitled=(), nearly=(), public=False))
        return None
    entitled, nearly = _keep(subject, made, at)
    _tell(subject, made, entitled, at)
    codes = {version.benefit_id: version.benefit.code for version in made.versions}
    record(BenefitsFound(
        subject=f"{subject}s.{subject}:{subject_id}", of=subject, entitled=tuple(codes[one] for one in entitled[0]),
        nearly=tuple(codes[one] for one in nearly[0]), public=False,
    ))  # fmt: skip
    return Finding.objects.get(subject=subject, subject_id=subject_id)  # type: ignore[no-any-return]


# ---- asking and paying ----------------------------------------------------------------------------------------------
@operation
def ask_benefit(*, by: Actor, at: datetime, code: str, subject_id: int, confirmed: Mapping[str, bool] | None = None) -> Ask:
    """Ask for a benefit for the firm that the actor serves or for themselves, confirming what no register holds."""
    benefit = Benefit.objects.get(code=code)
    ensure(rules.may_ask, any((benefit.subject, subject_id) == (which, pk) for which, pk, _name in queries.own(seen_by=by)))
    on = queries.today(seen_by=by, at=at)
    version = queries.version_on(seen_by=by, benefit=benefit, on=on)
    if version is None:
        raise NotInForce
    terms = queries.terms_of(seen_by=by, version=version)
    if terms.way != "asked":
        raise NotAsked
    period = terms.period_of(on)
    if Ask.objects.filter(benefit=benefit, subject_id=subject_id, period=period).exists():
        raise AskedAlready
    if Award.objects.filter(benefit=benefit, subject_id=subject_id, period=period, back_at__isnull=True).exists():
        raise PaidAlready
    given = {one.code: bool((confirmed or {}).get(one.code)) for one in terms.asked}
    values = queries.rows_of(seen_by=OWN, subject=benefit.subject, on=on, ids=[subject_id])
    made = matching.one_row([terms], values[0], on=on, parameters=criteria.parameters(seen_by=by), confirmed=given) if values else None
    if made is None or made.states[0, 0] != matching.ENTITLED:
        raise NotForYou(what=_lacking(terms, values[0] if values else {}, on, by, given))
    asked: Ask = Ask.objects.create(
        town_id=current_town(), benefit=benefit, subject=benefit.subject, subject_id=subject_id, period=period, confirmed=given, by=by.ref, at=at
    )
    record(BenefitAsked(subject=ref(asked), code=code, of=benefit.subject, subject_id=subject_id, public=False))
    match_one(by=OWN, at=at, subject=benefit.subject, subject_id=subject_id)
    return asked


def _lacking(terms: definitions.Benefit, values: Mapping[str, Any], on: date, by: Actor, confirmed: Mapping[str, bool]) -> str:
    """Return the conditions that do not hold or are not known, as people read them."""
    known = criteria.parameters(seen_by=by)
    told = [judging.judge(one, values, on=on, parameters=known, confirmed=confirmed) for one in terms.conditions]
    return "; ".join(one.words for one in told if one.answer is not True)


@operation
def pay_benefits(*, by: Actor, at: datetime, code: str, count: int, yuan: Any) -> Batch:
    """Approve the payment of a benefit to everybody who is entitled today and not paid yet for its period, and post it to the book.

    `count` and `yuan` are what the officer saw: a list that changed meanwhile is shown again instead of being paid. The budget is kept. Of two
    officers who approve at once, the second is told that everybody is paid. Nobody approves what they or a firm they serve get.
    """
    ensure(rules.may_pay_benefits)
    benefit = Benefit.objects.select_for_update().get(code=code)
    seen = money.cents(yuan, place="yuan")
    on = queries.today(seen_by=by, at=at)
    version = queries.version_on(seen_by=by, benefit=benefit, on=on)
    if version is None:
        raise NotInForce
    if queries.is_stale(seen_by=by, subject=benefit.subject, on=on):
        match_all(by=OWN, at=at, subject=benefit.subject)
    due = queries.payable(seen_by=by, version=version, on=on)
    if not due.parts:
        raise NothingToPay
    if (due.count, due.cents) != (count, seen):
        raise ListChanged(count=due.count, yuan=due.yuan)
    if due.is_over:
        raise BudgetSpent(left=due.left, yuan=due.yuan)
    number = Batch.objects.filter(benefit=benefit).count() + 1
    posting = book.post(
        by=by, at=at, on=on, words=_words(due), lines=[(EXPENSE, due.yuan), (TREASURY, -due.yuan)], act=f"benefits.batch:{benefit.pk}:{number}"
    )
    batch: Batch = Batch.objects.create(
        town_id=current_town(), benefit=benefit, version=version, period=due.period, cents=due.cents, count=due.count, posting=posting.number, by=by.ref, at=at
    )
    Award.objects.bulk_create([
        Award(town_id=current_town(), batch=batch, benefit=benefit, subject=benefit.subject, subject_id=pk, size=size, period=due.period, cents=cents, at=at)
        for pk, cents, size in due.parts
    ])  # fmt: skip
    record(BenefitsPaid(subject=ref(batch), code=code, period=due.period, count=due.count, cents=due.cents, posting=posting.number))
    return batch


def _words(due: queries.Payable) -> str:
    return str(_("%(title)s, %(period)s, %(count)s recipients")) % {"title": due.terms.title, "period": due.period, "count": due.count}


@operation
def take_back(*, by: Actor, at: datetime, award_id: int, reason: str, clause: str) -> Award:
    """Take back what somebody was paid, on its ground; the book gets a posting of the opposite amounts, and the budget has it again."""
    award: Award = Award.objects.select_for_update().select_related("benefit").get(pk=award_id)
    ensure(rules.may_pay_benefits)
    if award.back_at is not None:
        raise BackAlready
    if not reason.strip():
        raise NoReason
    if not clause.strip():
        raise NoReason(field="clause")
    yuan = money.yuan(award.cents)
    posting = book.post(
        by=by, at=at, on=queries.today(seen_by=by, at=at), words=str(_("Taken back: %(title)s, %(period)s")) % {
            "title": award.benefit.title, "period": award.period},
        lines=[(TREASURY, yuan), (EXPENSE, -yuan)], act=f"benefits.award:{award.pk}:back",
    )  # fmt: skip
    award.back_at, award.back_reason, award.back_clause = at, reason.strip()[:200], clause.strip()[:60]
    award.save(update_fields=["back_at", "back_reason", "back_clause"])
    record(BenefitTakenBack(
        subject=ref(award), code=award.benefit.code, period=award.period, cents=award.cents, posting=posting.number, public=False
    ))  # fmt: skip
    return award
