"""Acts on search: the town's own synonyms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.search import queries, rules, synonyms
from gongzhi.foundation.search.facts import SynonymsSet
from gongzhi.foundation.search.models import TownSynonym
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town


class BadSynonyms(Refused):
    sentence = _("Entry %(place)s cannot be used: it needs phrases that people say and phrases that they mean, each of at most 40 characters.")
    field = "synonyms"


@operation
def set_synonyms(*, by: Actor, at: datetime, entries: Sequence[Any]) -> int:
    """Set the town's own synonyms, all of them anew: entries {say: [...], means: [...]}. Return how many there are."""
    ensure(rules.may_set_synonyms)
    try:
        read = synonyms.read(list(entries))
    except synonyms.BadSynonyms as bad:
        raise BadSynonyms(place=bad.args[0]) from bad
    TownSynonym.objects.all().delete()
    TownSynonym.objects.bulk_create(
        TownSynonym(town_id=current_town(), say=list(one.say), means=list(one.means), place=place) for place, one in enumerate(read, 1)
    )
    forget(queries.SYNONYMS)
    record(SynonymsSet(subject=f"territory.town:{current_town()}", count=len(read)))
    return len(read)
