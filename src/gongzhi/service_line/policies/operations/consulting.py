"""Everybody is asked about a draft, each opinion is answered, and the result is published before anything is decided."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import masking
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import letters, queries, rules
from gongzhi.service_line.policies.facts import ConsultationOpened, ConsultationResultPublished, OpinionGiven, OpinionsAnswered
from gongzhi.service_line.policies.models import Answer, Consultation, Opinion, Section, Topic
from gongzhi.service_line.policies.operations.releasing import BadCode, CodeTaken, NoTitle

MOST_TEXT = 4000


class NoSections(Refused):
    sentence = _("The draft's text is missing.")
    field = "text"


class NoPurpose(Refused):
    sentence = _("Say why it is drafted, in plain words.")
    field = "why"


class TooShort(Refused):
    sentence = _("Opinions are asked for until %(day)s at the earliest: seven days at least.")
    field = "closes_on"


class NotOpen(Refused):
    sentence = _("Opinions on “%(title)s” were asked for until %(day)s. What you wrote was not kept.")


class NothingSaid(Refused):
    sentence = _("Write what you think of it.")
    field = "text"


class TooLong(Refused):
    sentence = _("This is too long: at most %(most)s characters.")
    field = "text"


class NoReason(Refused):
    sentence = _("Say why; whoever gave the opinion reads it.")
    field = "reason"


class NothingChosen(Refused):
    sentence = _("Choose the opinions that this answers.")
    field = "opinions"


class OpinionsWait(Refused):
    sentence = _("%(count)d opinions have no answer yet. Each is answered before the result is published.")


class StillOpen(Refused):
    sentence = _("Opinions are asked for until %(day)s; the result comes after.")


class AlreadyTold(Refused):
    sentence = _("The result is published already.")


class NoResult(Refused):
    sentence = _("Say in a few sentences what came of it.")
    field = "result"


LEAST_DAYS = 7  # 重大行政决策程序暂行条例 art. 15 asks for 30 as a rule; a shorter time needs its reason, and a week is the least


@operation
def open_consultation(*, by: Actor, at: datetime, code: str, title: str, why: str, organ_id: int, closes_on: date, text: str,
                      topics: Sequence[str] = ()) -> Consultation:  # fmt: skip
    """Ask everybody about a draft until a day. Raises BadCode, CodeTaken, NoTitle, NoPurpose, NoSections, TooShort."""
    ensure(rules.may_consult, organ_id)
    code = code.strip()
    if not (0 < len(code) <= 60 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()):
        raise BadCode
    if not title.strip():
        raise NoTitle
    if not why.strip():
        raise NoPurpose
    parts = letters.split(text)[: letters.MOST]
    if not parts:
        raise NoSections
    earliest = date.fromordinal(territory.day_of(seen_by=by, at=at).toordinal() + LEAST_DAYS)
    if closes_on < earliest:
        raise TooShort(day=earliest.isoformat())
    if Consultation.objects.filter(code=code).exists():
        raise CodeTaken
    asked = Consultation.objects.create(
        town_id=current_town(), code=code, title=title.strip()[:120], why=why.strip(), organ_id=organ_id, closes_on=closes_on, opened_at=at,
        topics=[topic for topic in dict.fromkeys(topics) if topic in Topic.values],
    )  # fmt: skip
    Section.objects.bulk_create(
        Section(town_id=current_town(), consultation=asked, place=place, number=number[:20], text=words) for place, (number, words) in enumerate(parts)
    )
    digest = hashlib.sha256(letters.joined(parts).encode()).hexdigest()
    record(ConsultationOpened(subject=ref(asked), code=code, closes_on=closes_on, sections=len(parts), digest=digest))
    return asked


@operation
def give_opinion(*, by: Actor, at: datetime, consultation_id: int, text: str, section_id: int | None = None) -> Opinion:
    """Say what one thinks of a draft or of a section; numbers of telephones and identity cards are masked. Raises NotOpen, NothingSaid, TooLong."""
    asked = Consultation.objects.get(pk=consultation_id)
    ensure(rules.may_comment, asked)
    if asked.state_on(territory.day_of(seen_by=by, at=at)) != "open":
        raise NotOpen(asked, title=asked.title, day=asked.closes_on.isoformat())
    text = masking.masked(text.strip())
    if not text:
        raise NothingSaid
    if len(text) > MOST_TEXT:
        raise TooLong(most=MOST_TEXT)
    section = asked.sections.filter(pk=section_id).first() if section_id is not None else None
    opinion = Opinion.objects.create(town_id=current_town(), consultation=asked, section=section, text=text, person_id=by.person_id, given_at=at)
    record(OpinionGiven(subject=ref(asked), code=asked.code, opinion_id=opinion.pk))
    return opinion


@operation
def answer_opinions(*, by: Actor, at: datetime, consultation_id: int, opinion_ids: Sequence[int], taken: str, reason: str) -> Answer:
    """Answer an opinion, or several alike with one answer. Raises NothingChosen, NoReason, AlreadyTold."""
    asked = Consultation.objects.select_for_update().get(pk=consultation_id)
    ensure(rules.may_answer, asked)
    if asked.is_told:
        raise AlreadyTold
    found = list(Opinion.objects.select_for_update(of=("self",)).filter(consultation=asked, pk__in=list(opinion_ids)))
    if not found:
        raise NothingChosen
    if not reason.strip() or taken not in Answer.Taken.values:
        raise NoReason
    answer = Answer.objects.create(town_id=current_town(), consultation=asked, taken=taken, reason=reason.strip(), answered_at=at)
    Opinion.objects.filter(pk__in=[one.pk for one in found]).update(answer=answer)
    record(OpinionsAnswered(subject=ref(asked), code=asked.code, opinion_ids=tuple(sorted(one.pk for one in found)), taken=taken))
    return answer


@operation
def publish_result(*, by: Actor, at: datetime, consultation_id: int, result: str) -> Consultation:
    """Publish what came of a consultation, when its days are over and each opinion is answered. Raises StillOpen, OpinionsWait, NoResult, AlreadyTold."""
    asked = Consultation.objects.select_for_update().get(pk=consultation_id)
    ensure(rules.may_answer, asked)
    if asked.is_told:
        raise AlreadyTold
    if asked.state_on(territory.day_of(seen_by=by, at=at)) == "open":
        raise StillOpen(day=asked.closes_on.isoformat())
    counted = queries.outcome(seen_by=by, consultation=asked)
    if counted["waiting"]:
        raise OpinionsWait(count=counted["waiting"])
    if not result.strip():
        raise NoResult
    asked.told_at, asked.result = at, result.strip()
    asked.save(update_fields=["told_at", "result"])
    record(ConsultationResultPublished(
        subject=ref(asked), code=asked.code, taken=counted["yes"], partly=counted["partly"], not_taken=counted["no"]
    ))  # fmt: skip
    return asked
