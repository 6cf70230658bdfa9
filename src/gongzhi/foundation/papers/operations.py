"""Acts on papers: issued, suspended, resumed, revoked, replaced.

A paper is set and signed within the act that issues it: it stands or falls with the decision it tells of, and what cannot be
written refuses the decision. That takes some 50 ms, in which nobody waits but for a number of the same series.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.papers import codes, keys, rules, signing, typesetting
from gongzhi.foundation.papers.facts import PaperIssued, PaperKeysMade, PaperReplaced, PaperResumed, PaperRevoked, PaperSuspended
from gongzhi.foundation.papers.holders import Holder
from gongzhi.foundation.papers.models import Paper, SigningKey
from gongzhi.foundation.papers.sorts import PaperSort, sort_of
from gongzhi.foundation.people import sealing
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

KEY = "papers-key"
HOLDER = "paper-holder"


class NoSuchSort(Refused):
    sentence = _("There is no such sort of paper.")
    field = "sort"
    status = 404


class TitleMissing(Refused):
    sentence = _("A paper needs a title of at most 120 characters.")
    field = "title"


class EndsBeforeItStarts(Refused):
    sentence = _("The last day of a paper cannot be before its first.")
    field = "valid_until"


class NotOpen(Refused):
    sentence = _("This paper was revoked or replaced already.")


class NotSuspended(Refused):
    sentence = _("This paper is not suspended.")


class SuspendedAlready(Refused):
    sentence = _("This paper is suspended already.")


class ReasonMissing(Refused):
    sentence = _("Say why, in at most 300 characters; whoever checks the paper reads it.")
    field = "reason"


def _number(sort: PaperSort, year: int) -> int:
    """Return the next number of a series; two at once wait for each other here, so that no number is given twice and none is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO papers_series (town_id, sort, year, last) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (town_id, sort, year) DO UPDATE SET last = papers_series.last + 1 RETURNING last",
            [current_town(), sort.code, year],
        )
        return int(cursor.fetchone()[0])


def _day_words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@operation
def make_keys(*, by: Actor, at: datetime) -> SigningKey:
    """Make the key by which the town signs papers, and its root the first time; a key that holds is kept."""
    ensure(rules.may_make_keys)
    town = territory.town(seen_by=by)
    root = SigningKey.objects.filter(role=SigningKey.Role.ROOT).first()
    if root is None:
        made = keys.make_root(town.name, at)
        # two at once: the second waits for the first and takes its root
        SigningKey.objects.bulk_create([_kept(SigningKey.Role.ROOT, made, at)], ignore_conflicts=True)
        root = SigningKey.objects.get(role=SigningKey.Role.ROOT)
    made = keys.make_key(town.name, at, sealing.unseal(root.private_sealed, KEY), bytes(root.certificate))
    kept = _kept(SigningKey.Role.PAPERS, made, at)
    kept.save()
    record(PaperKeysMade(subject=ref(kept), role=kept.role, certificate=signing.digest(made.certificate)))
    return kept


def _kept(role: str, made: keys.Made, at: datetime) -> SigningKey:
    return SigningKey(
        town_id=current_town(),
        role=role,
        private_sealed=sealing.seal(made.private, KEY),
        certificate=made.certificate,
        made_at=at,
        valid_until=made.valid_until,
    )


def _key(at: datetime) -> SigningKey:
    found = SigningKey.objects.filter(role=SigningKey.Role.PAPERS, valid_until__gt=at, made_at__lte=at).order_by("-made_at", "-pk").first()
    return found or make_keys(by=CLOCK, at=at)


@operation
def issue_paper(
    *,
    by: Actor,
    at: datetime,
    sort: str,
    title: str,
    data: Mapping[str, Any],
    holder: Holder,
    organ_id: int | None = None,
    case_id: int | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Paper:
    """Give out a paper: number it, set it, sign it, keep it. `valid_from`: today, if left out; `organ_id`: who issues it, else the town.

    Raises CannotBeWritten where a character cannot be printed, DoesNotFit where `data` is not what the sort says; nothing is kept then.
    """  # fmt: skip
    known = sort_of(sort)
    if known is None:
        raise NoSuchSort
    ensure(rules.may_issue, known, holder)
    return _issue(
        known, by=by, at=at, title=title, data=data, holder=holder, organ_id=organ_id, case_id=case_id, valid_from=valid_from, valid_until=valid_until
    )


def _issue(
    sort: PaperSort, *, by: Actor, at: datetime, title: str, data: Mapping[str, Any], holder: Holder, organ_id: int | None, case_id: int | None,
    valid_from: date | None, valid_until: date | None, replaces: Paper | None = None,
) -> Paper:  # fmt: skip
    title = title.strip()
    if not 0 < len(title) <= 120:
        raise TitleMissing
    town = territory.town(seen_by=by)
    today = town.local(at).date()
    first = valid_from or today
    if valid_until is not None and valid_until < first:
        raise EndsBeforeItStarts
    shaped = typesetting.read(sort, data)
    organ = organs.organ_for(seen_by=by, organ_id=organ_id) if organ_id is not None else None
    key = _key(at)
    year, code = today.year, codes.mint()
    serial = _number(sort, year)
    number = f"{town.short_name}{sort.mark}〔{year}〕{serial:05d}"
    with override("zh-hans"):
        until = f"至{_day_words(valid_until)}" if valid_until else "起长期有效"
        head = {
            "title": title, "number": number, "code": codes.written(code), "town": town.name, "organ": organ.name if organ else town.name,
            "holder": holder.name.strip(), "issued_words": _day_words(today), "valid_words": f"{_day_words(first)}{until}",
            "check_base": f"{settings.PUBLIC_URL}/check/", "check_url": f"{settings.PUBLIC_URL}/check/{codes.written(code)}/",
            "qr": typesetting.qr(f"{settings.PUBLIC_URL}/check/{codes.written(code)}/"),
        }  # fmt: skip
        content = typesetting.set_paper(sort.template, head=head, data=shaped, at=at)
    root = SigningKey.objects.only("certificate").get(role=SigningKey.Role.ROOT)
    signed = signing.sign(
        content,
        private=sealing.unseal(key.private_sealed, KEY),
        certificate=bytes(key.certificate),
        root=bytes(root.certificate),
        name=town.name,
        reason=number,
    )
    kept = attachments.add_attachment(by=by, at=at, content=signed, name=f"{number} {title}"[:110] + ".pdf")
    paper = Paper.objects.create(
        town_id=current_town(), sort=sort.code, year=year, serial=serial, number=number, title=title, code=code, case_id=case_id, organ_id=organ_id,
        holder_sort=holder.sort, holder_key=holder.key, holder_sealed=sealing.seal(holder.name.strip(), HOLDER), valid_from=first, valid_until=valid_until,
        issued_at=at, issued_by=by.ref, key=key, sha256=kept.sha256, attachment=kept, replaces=replaces,
    )  # fmt: skip
    record(
        PaperIssued(
            subject=ref(paper),
            paper_id=paper.pk,
            sort=sort.code,
            number=number,
            case_id=case_id,
            sha256=paper.sha256,
            valid_from=first,
            valid_until=valid_until,
        )
    )
    return paper


def _locked(paper_id: int) -> Paper:
    return Paper.objects.select_for_update(of=("self",)).get(pk=paper_id)


def _reason(text: str) -> str:
    told = text.strip()
    if not 0 < len(told) <= 300:
        raise ReasonMissing
    return told


def _put(paper: Paper, state: str, reason: str, at: datetime) -> None:
    paper.state, paper.reason, paper.changed_at = state, reason, at
    paper.save(update_fields=["state", "reason", "changed_at"])


@operation
def suspend_paper(*, by: Actor, at: datetime, paper_id: int, reason: str) -> Paper:
    """Let a paper hold no more until it is resumed."""
    paper = _locked(paper_id)
    ensure(rules.may_withdraw, paper)
    if not paper.is_open:
        raise NotOpen
    if paper.state == Paper.State.SUSPENDED:
        raise SuspendedAlready
    _put(paper, Paper.State.SUSPENDED, _reason(reason), at)
    record(PaperSuspended(subject=ref(paper), number=paper.number))
    return paper


@operation
def resume_paper(*, by: Actor, at: datetime, paper_id: int) -> Paper:
    """Let a suspended paper hold again."""
    paper = _locked(paper_id)
    ensure(rules.may_withdraw, paper)
    if paper.state != Paper.State.SUSPENDED:
        raise NotSuspended
    _put(paper, Paper.State.VALID, "", at)
    record(PaperResumed(subject=ref(paper), number=paper.number))
    return paper


@operation
def revoke_paper(*, by: Actor, at: datetime, paper_id: int, reason: str) -> Paper:
    """End a paper for good; whoever checks it reads the reason."""
    paper = _locked(paper_id)
    ensure(rules.may_withdraw, paper)
    if not paper.is_open:
        raise NotOpen
    _put(paper, Paper.State.REVOKED, _reason(reason), at)
    record(PaperRevoked(subject=ref(paper), number=paper.number))
    return paper


@operation
def replace_paper(
    *, by: Actor, at: datetime, paper_id: int, reason: str, data: Mapping[str, Any], title: str = "", holder_name: str = "", valid_from: date | None = None,
    valid_until: date | None = None,
) -> Paper:  # fmt: skip
    """Give out a new paper in the place of one that holds: the same sort, holder, organ and case, under a new number. Return the new one."""
    paper = _locked(paper_id)
    ensure(rules.may_withdraw, paper)
    if not paper.is_open:
        raise NotOpen
    sort = sort_of(paper.sort)
    if sort is None:
        raise NoSuchSort
    told = _reason(reason)
    holder = Holder(sort=paper.holder.sort, key=paper.holder_key, name=holder_name.strip() or paper.holder_name)
    fresh = _issue(
        sort, by=by, at=at, title=title or paper.title, data=data, holder=holder, organ_id=paper.organ_id, case_id=paper.case_id,
        valid_from=valid_from, valid_until=valid_until, replaces=paper,
    )  # fmt: skip
    _put(paper, Paper.State.REPLACED, told, at)
    record(PaperReplaced(subject=ref(paper), number=paper.number, by_number=fresh.number))
    return fresh
