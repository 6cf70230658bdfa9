"""The index follows what changed. It is derived from what modules keep, so it leaves no facts; it writes its own tables only."""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from gongzhi.foundation.search import registry, words
from gongzhi.foundation.search.models import Posting, SearchText, Waiting
from gongzhi.kernel.towns import current_town

BATCH = 200
LONGEST = 20_000  # characters of a text that are read


def put_aside(things: list[tuple[str, int]]) -> None:
    """Remember things whose words are to be read anew, within the act that changed them."""
    unique = dict.fromkeys(things)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_waiting (town_id, kind, item) SELECT %s, k, i FROM unnest(%s::text[], %s::bigint[]) AS t(k, i)",
            [current_town(), [kind for kind, _item in unique], [item for _kind, item in unique]],
        )


def follow(most: int = BATCH) -> int:
    """Read anew the words of things that wait, the first first; return how many were taken, 0 when none waits."""
    with transaction.atomic():
        taken = list(Waiting.objects.select_for_update(skip_locked=True).order_by("pk")[:most])
        by_kind: dict[str, set[int]] = {}
        for one in taken:
            by_kind.setdefault(one.kind, set()).add(one.item)
        for kind, items in by_kind.items():
            index(kind, sorted(items))
        Waiting.objects.filter(pk__in=[one.pk for one in taken]).delete()
    return len(taken)


def index(kind: str, items: Sequence[int]) -> int:
    """Read the words of these things anew; what is there no more, or has no words, is found no more. Return how many have words."""
    known = registry.searchable(kind)
    texts = known.texts(items) if known else {}
    town = current_town()
    postings, lengths = [], []
    for item, text in texts.items():
        found = words.words(text[:LONGEST])
        if found:
            lengths.append(SearchText(town_id=town, kind=kind, item=item, length=found.total()))
            postings += [Posting(town_id=town, kind=kind, word=word, item=item, count=count) for word, count in found.items()]
    with transaction.atomic():
        SearchText.objects.filter(kind=kind, item__in=list(items)).delete()
        Posting.objects.filter(kind=kind, item__in=list(items)).delete()
        SearchText.objects.bulk_create(lengths)
        Posting.objects.bulk_create(postings, batch_size=5_000)
    return len(lengths)


def rebuild(kinds: Iterable[str] = ()) -> int:
    """Make the present town's index anew, batch by batch; return how many things have words."""
    done = 0
    wanted = set(kinds)
    for known in registry.registered():
        if wanted and known.kind not in wanted:
            continue
        after = 0
        while batch := list(known.every(after, BATCH)):
            gone = SearchText.objects.filter(kind=known.kind, item__gt=after, item__lte=batch[-1]).exclude(item__in=batch).values_list("item", flat=True)
            done += index(known.kind, sorted({*batch, *gone}))
            after = batch[-1]
        left = list(SearchText.objects.filter(kind=known.kind, item__gt=after).values_list("item", flat=True))
        index(known.kind, left)
    return done


def catch_up() -> int:
    """Read the words of things that the index has never seen (taken over in bulk, or from before there was one); return how many."""
    done = 0
    for known in registry.registered():
        after = 0
        while batch := list(known.every(after, BATCH)):
            there = set(SearchText.objects.filter(kind=known.kind, item__in=batch).values_list("item", flat=True))
            missing = [item for item in batch if item not in there]
            done += index(known.kind, missing) if missing else 0
            after = batch[-1]
    return done
