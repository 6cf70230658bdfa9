"""Conversations, statements, one's own voice, and the map; each for who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, F, Q, QuerySet

from gongzhi.autonomy_line.voice.models import Conversation, Statement, Voice
from gongzhi.autonomy_line.voice.opinionmap import Votes
from gongzhi.kernel.actors import Actor


def conversations(*, seen_by: Actor) -> QuerySet[Conversation]:
    """Return conversations with how many people have spoken, the newest first."""
    return Conversation.objects.visible_to(seen_by).select_related("organ").annotate(people=Count("voices")).order_by("-opened_at", "-pk")


def conversation_for(*, seen_by: Actor, code: str) -> Conversation:
    """Return a conversation; raise Conversation.DoesNotExist."""
    return Conversation.objects.visible_to(seen_by).select_related("organ").annotate(people=Count("voices")).get(code=code)


def statements(*, seen_by: Actor, conversation: Conversation, state: str = "") -> QuerySet[Statement]:
    """Return the statements of a conversation that this actor may see, by number."""
    found = Statement.objects.visible_to(seen_by).filter(conversation=conversation)
    return (found.filter(state=state) if state else found).order_by("number")


def statement_for(*, seen_by: Actor, conversation: Conversation, number: int) -> Statement:
    """Return a statement; raise Statement.DoesNotExist."""
    return Statement.objects.visible_to(seen_by).get(conversation=conversation, number=number)


def written_by(*, seen_by: Actor, conversation: Conversation) -> QuerySet[Statement]:
    """Return what this actor wrote in a conversation, with what became of it."""
    found = Statement.objects.visible_to(seen_by).filter(conversation=conversation)
    return found.filter(person_id=seen_by.person_id).order_by("number") if seen_by.person_id else found.none()


def waiting(*, seen_by: Actor) -> QuerySet[Statement]:
    """Return the statements that this actor may judge and that wait for it, the oldest first."""
    found = Statement.objects.visible_to(seen_by).filter(state=Statement.State.WAITING).select_related("conversation")
    return found.exclude(person_id=seen_by.person_id).order_by("written_at", "pk") if seen_by.person_id else found.order_by("written_at", "pk")


def voice_of(*, seen_by: Actor, conversation: Conversation) -> Voice | None:
    """Return what this actor said, if anything."""
    return Voice.objects.visible_to(seen_by).filter(conversation=conversation).first()


@dataclass(frozen=True, slots=True)
class Card:
    """The next statement for a reader: which, how many there are, to how many they spoke, and what they said last."""

    statement: Statement | None
    total: int
    done: int
    last: Statement | None
    last_said: int | None


def card_for(*, seen_by: Actor, conversation: Conversation, number: int | None = None) -> Card:
    """Return the next statement to which this actor has not spoken, or the one asked for.

    Those with fewest voices come first, so that each statement is heard; the order differs from person to person.
    """
    shown = list(Statement.objects.visible_to(seen_by).filter(conversation=conversation, state=Statement.State.SHOWN).order_by("number"))
    own = voice_of(seen_by=seen_by, conversation=conversation)
    said = own.said if own else {}
    left = [one for one in shown if str(one.number) not in said]
    shift = (seen_by.person_id or 0) * 7919
    left.sort(key=lambda one: (one.number * 104729 + shift) % 1009)
    asked = next((one for one in shown if one.number == number), None)
    last = next((one for one in shown if own is not None and one.number == own.latest), None)
    return Card(
        statement=asked or (left[0] if left else None), total=len(shown), done=len(shown) - len(left), last=last,
        last_said=said.get(str(last.number)) if last else None,
    )  # fmt: skip


def stale(*, seen_by: Actor) -> list[int]:
    """Return the conversations in which something was said since their map was drawn. Whoever asks: numbers of rows only, for the clock."""
    said = Conversation.objects.filter(said_at__isnull=False)
    return list(said.filter(Q(mapped_at__isnull=True) | Q(said_at__gt=F("mapped_at"))).values_list("pk", flat=True))


def votes_of(*, seen_by: Actor, conversation: Conversation) -> tuple[Votes, list[Voice]]:
    """Return all that was said, as a matrix, with the rows it comes from. Whoever asks: only the operation that draws the map does; no page shows it."""
    numbers = list(conversation.statements.exclude(state=Statement.State.WAITING).order_by("number").values_list("number", "state"))
    voices = list(Voice.objects.filter(conversation=conversation).order_by("pk"))
    column = {str(number): at for at, (number, _state) in enumerate(numbers)}
    matrix = np.full((len(voices), len(numbers)), np.nan)
    for row, voice in enumerate(voices):
        for number, value in voice.said.items():
            if number in column:
                matrix[row, column[number]] = value
    left_out = frozenset(str(number) for number, state in numbers if state == Statement.State.OUT)
    votes = Votes(participants=tuple(str(voice.pk) for voice in voices), statements=tuple(column), matrix=matrix, left_out=left_out)
    return votes, voices


@dataclass(frozen=True, slots=True)
class Shared:
    """A statement on the map: its words, and how many per cent of each group agree (or, `direction` -1, disagree)."""

    text: str
    number: int
    direction: int
    shares: tuple[dict[str, Any], ...]


def shared(*, seen_by: Actor, conversation: Conversation, rows: Sequence[dict[str, Any]]) -> list[Shared]:
    """Return statements of the map with their words; what was taken out since is not shown."""
    texts = dict(statements(seen_by=seen_by, conversation=conversation, state=Statement.State.SHOWN).values_list("number", "text"))
    return [
        Shared(
            texts[row["number"]], row["number"], row["direction"],
            tuple({"group": SHAPES[at % len(SHAPES)], "place": at + 1, "share": share} for at, share in enumerate(row["shares"])),
        ) for row in rows if row["number"] in texts
    ]  # fmt: skip


SHAPES = ("a", "b", "c", "d", "e")


def open_at(*, seen_by: Actor, at: datetime) -> QuerySet[Conversation]:
    """Return the conversations that are open at a moment, those that close first in front."""
    return Conversation.objects.visible_to(seen_by).filter(opened_at__lte=at, closes_at__gt=at).order_by("closes_at", "pk")
