"""Acts in conversations: open, write, judge, take a stance, draw the map."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from gongzhi.autonomy_line.voice import opinionmap, picture, queries, rules
from gongzhi.autonomy_line.voice.facts import ConversationOpened, MapDrawn, StanceTaken, StatementJudged, StatementWritten, VoicesBrought
from gongzhi.autonomy_line.voice.models import MOST_TEXT, Conversation, Statement, Voice
from gongzhi.autonomy_line.voice.opinionmap import Smoother
from gongzhi.foundation.people import masking
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import NotAllowed, Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town

LEAST_TIME = timedelta(days=1)
LEAST_BEGINNING = 5  # statements to begin with: fewer part nobody
MOST_STATEMENTS = 500
MOST_A_PERSON = 10


class BadCode(Refused):
    sentence = _("The short name in the address has small letters, digits and hyphens only.")
    field = "code"


class CodeTaken(Refused):
    sentence = _("There is a conversation with this short name already.")
    field = "code"


class NoQuestion(Refused):
    sentence = _("Write the question.")
    field = "question"


class NoPurpose(Refused):
    sentence = _("Say what it is for and what happens with the answer.")
    field = "why"


class TooShort(Refused):
    sentence = _("A conversation is open for a day at least.")
    field = "closes_at"


class TooFew(Refused):
    sentence = _("Begin with at least %(least)d statements, one on each line.")
    field = "statements"


class NothingWritten(Refused):
    sentence = _("Write one sentence.")
    field = "text"


class TooLong(Refused):
    sentence = _("One statement has at most %(most)d characters; this one has %(count)d. Say one thing in each.")
    field = "text"


class SaidAlready(Refused):
    sentence = _("Somebody wrote the same already. Say there what you think of it.")
    field = "text"


class TooMany(Refused):
    sentence = _("You have written %(most)d statements in this conversation; that is as many as one person may.")


class Full(Refused):
    sentence = _("This conversation has as many statements as it can take.")


class Closed(Refused):
    sentence = _("This conversation is closed. What came of it stands on its map.")


class NotShown(Refused):
    sentence = _("This statement is not shown, so nobody can agree with it or not.")


class NoReason(Refused):
    sentence = _("Say why it is not shown; whoever wrote it reads it.")
    field = "reason"


class NoStance(Refused):
    sentence = _("Say agree, disagree or pass.")
    field = "value"


def _person(by: Actor) -> int:
    """Return the number of whoever acts; `may_say` let only persons through."""
    if by.person_id is None:
        raise NotAllowed(rules.may_say)
    return by.person_id


def _text(told: str) -> str:
    text = masking.masked(" ".join(told.split()))
    if not text:
        raise NothingWritten
    if len(text) > MOST_TEXT:
        raise TooLong(most=MOST_TEXT, count=len(text))
    return text


@operation
def open_conversation(
    *, by: Actor, at: datetime, code: str, question: str, why: str, organ_id: int, closes_at: datetime, statements: Sequence[str]
) -> Conversation:
    """Put a question to everybody, with statements to begin with. Raises BadCode, CodeTaken, NoQuestion, NoPurpose, TooShort, TooFew, TooLong."""
    ensure(rules.may_lead)
    code = code.strip()
    if not (0 < len(code) <= 60 and code.isascii() and code == code.lower() and code.replace("-", "").isalnum()) or code in ("desk", "new"):
        raise BadCode
    if not question.strip():
        raise NoQuestion
    if not why.strip():
        raise NoPurpose
    if closes_at < at + LEAST_TIME:
        raise TooShort
    texts = list(dict.fromkeys(_text(told) for told in statements if told.strip()))
    if len(texts) < LEAST_BEGINNING:
        raise TooFew(least=LEAST_BEGINNING)
    if Conversation.objects.filter(code=code).exists():
        raise CodeTaken
    asked = Conversation.objects.create(
        town_id=current_town(), code=code, question=question.strip()[:120], why=why.strip(), organ_id=organ_id, opened_at=at, closes_at=closes_at
    )
    Statement.objects.bulk_create(
        Statement(town_id=current_town(), conversation=asked, number=number, text=text, written_at=at, state=Statement.State.SHOWN, judged_at=at)
        for number, text in enumerate(texts[:MOST_STATEMENTS], start=1)
    )
    record(ConversationOpened(subject=ref(asked), code=code, closes_at=closes_at, statements=len(texts)))
    return asked


@operation
def write_statement(*, by: Actor, at: datetime, conversation_id: int, text: str) -> Statement:
    """Add one sentence; it is shown when somebody has read it. Raises Closed, NothingWritten, TooLong, SaidAlready, TooMany, Full."""
    asked = Conversation.objects.select_for_update().get(pk=conversation_id)
    ensure(rules.may_say)
    if not asked.is_open_at(at):
        raise Closed(asked)
    text = _text(text)
    if asked.statements.filter(text=text).exclude(state=Statement.State.OUT).exists():
        raise SaidAlready
    if asked.statements.filter(person_id=_person(by)).count() >= MOST_A_PERSON:
        raise TooMany(most=MOST_A_PERSON)
    number = (asked.statements.aggregate(last=Max("number"))["last"] or 0) + 1
    if number > MOST_STATEMENTS:
        raise Full
    made = Statement.objects.create(town_id=current_town(), conversation=asked, number=number, text=text, person_id=by.person_id, written_at=at)
    record(StatementWritten(subject=ref(asked), code=asked.code, number=number))
    return made


@operation
def judge_statement(*, by: Actor, at: datetime, statement_id: int, shown: bool, reason: str = "") -> Statement:
    """Show a statement, or not, with a reason; it can be judged anew. Raises NoReason."""
    statement = Statement.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=statement_id)
    ensure(rules.may_judge, statement)
    reason = reason.strip()
    if not shown and not reason:
        raise NoReason
    statement.state = Statement.State.SHOWN if shown else Statement.State.OUT
    statement.reason = "" if shown else reason[:300]
    statement.judged_at = at
    statement.save(update_fields=["state", "reason", "judged_at"])
    Conversation.objects.filter(pk=statement.conversation_id, said_at__isnull=False).update(said_at=at)  # the map leaves it out, or takes it in
    record(StatementJudged(subject=ref(statement.conversation), code=statement.conversation.code, number=statement.number, shown=shown))
    return statement


@operation
def take_stance(*, by: Actor, at: datetime, conversation_id: int, number: int, value: int) -> Voice:
    """Agree (1), disagree (-1) or pass (0); the last word on a statement counts. Raises Closed, NotShown, NoStance."""
    asked = Conversation.objects.get(pk=conversation_id)
    ensure(rules.may_say)
    if value not in (-1, 0, 1):
        raise NoStance
    if not asked.is_open_at(at):
        raise Closed(asked)
    if not asked.statements.filter(number=number, state=Statement.State.SHOWN).exists():
        raise NotShown(asked)
    Voice.objects.get_or_create(town_id=current_town(), conversation=asked, person_id=_person(by))
    voice = Voice.objects.select_for_update().get(conversation=asked, person_id=_person(by))
    voice.said = voice.said | {str(number): value}
    voice.latest = number
    voice.save(update_fields=["said", "latest"])
    Conversation.objects.filter(pk=asked.pk).update(said_at=at)
    record(StanceTaken(subject=ref(asked), code=asked.code))
    return voice


@operation
def bring_voices(*, by: Actor, at: datetime, conversation_id: int, voices: Sequence[Mapping[int, int]]) -> int:
    """Take over sheets that were filled in elsewhere: number of the statement → stance. Raises NoStance; returns how many."""
    asked = Conversation.objects.select_for_update().get(pk=conversation_id)
    ensure(rules.may_bring)
    if any(value not in (-1, 0, 1) for voice in voices for value in voice.values()):
        raise NoStance
    Voice.objects.bulk_create(
        Voice(town_id=current_town(), conversation=asked, said={str(number): value for number, value in voice.items()}) for voice in voices
    )
    Conversation.objects.filter(pk=asked.pk).update(said_at=at)
    record(VoicesBrought(subject=ref(asked), code=asked.code, count=len(voices)))
    return len(voices)


@operation
def draw_map(*, by: Actor, at: datetime, conversation_id: int) -> Conversation:
    """Draw the map of what was said up to now; the number of groups changes only after it has fitted better four times running."""
    asked = Conversation.objects.select_for_update().get(pk=conversation_id)
    ensure(rules.may_draw)
    votes, voices = queries.votes_of(seen_by=by, conversation=asked)
    found = opinionmap.draw(votes)
    smoother = Smoother(shown=asked.shown, rival=asked.rival, wins=asked.wins).after(found.count)
    if smoother.shown != found.count:
        found = opinionmap.draw(votes, count=smoother.shown)
    asked.shown, asked.rival, asked.wins = smoother.shown, smoother.rival, smoother.wins
    asked.picture, asked.mapped_at = picture.of(votes, found), at
    asked.save(update_fields=["shown", "rival", "wins", "picture", "mapped_at"])
    shown = [group for group, size in found.sizes.items() if size >= picture.LEAST]
    for voice in voices:
        place = found.places.get(str(voice.pk))
        voice.x, voice.y = place if place is not None else (None, None)
        group = found.groups.get(str(voice.pk))
        voice.group = shown.index(group) if group in shown else None
    Voice.objects.bulk_update(voices, ["x", "y", "group"], batch_size=500)
    common = tuple(int(row["number"]) for row in asked.picture["common"])
    record(MapDrawn(subject=ref(asked), code=asked.code, voices=len(voices), groups=len(shown), common=common))
    return asked
