"""Policies, readings, consultations, and what may answer a question; each for who asks."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import words
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import Refused
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import linked
from gongzhi.service_line.policies.models import Answer, Clause, Consultation, Link, Opinion, Passage, Policy, Question, Replacement, Section, Subscription
from gongzhi.service_line.policies.models.consultations import STATE_WORDS as CONSULTATION_WORDS
from gongzhi.service_line.policies.models.policies import STATE_WORDS

MOST = 400  # policies of one list


class NoSuchPolicy(Refused):
    sentence = _("There is no policy with the code %(code)s.")
    field = "replaces"
    status = 409


@dataclass(frozen=True, slots=True)
class Listed:
    """A policy in a list, with its state on the day."""

    policy: Policy
    state: str

    @property
    def words(self) -> tuple[Any, str, str]:
        return STATE_WORDS[self.state]


def policies(*, seen_by: Actor, topic: str = "", organ_id: int | None = None, text: str = "", released: bool | None = True) -> QuerySet[Policy]:
    """Return policies, the newest first. `text`: words of the title, number, gist or letter; `released`: None for those being prepared too."""
    found = Policy.objects.visible_to(seen_by)
    if released is not None:
        found = found.filter(released_at__isnull=not released)
    if topic:
        found = found.filter(topics__contains=[topic])
    if organ_id is not None:
        found = found.filter(Q(organ_id=organ_id) | Q(handled_by_id=organ_id))
    for word in text.split()[:5]:
        inside = Clause.objects.filter(Q(text__icontains=word) | Q(plain__icontains=word)).values("policy_id")
        found = found.filter(Q(title__icontains=word) | Q(number__icontains=word) | Q(gist__icontains=word) | Q(pk__in=inside))
    return found.select_related("organ", "area").order_by("-released_at", "-prepared_at", "-pk")


def listed(*, seen_by: Actor, on: date, state: str = "", **filters: Any) -> list[Listed]:
    """Return policies with their state on a day: in force first, then those to come, then those that ended."""
    order = {"draft": 0, "in_force": 1, "coming": 2, "ended": 3}
    found = [Listed(one, one.state_on(on)) for one in policies(seen_by=seen_by, **filters)[:MOST]]
    return sorted((one for one in found if not state or one.state == state), key=lambda one: order[one.state])


def policy_for(*, seen_by: Actor, code: str) -> Policy:
    """Return a policy with all that its page shows; raise Policy.DoesNotExist."""
    return (
        Policy.objects.visible_to(seen_by).select_related("organ", "handled_by", "area", "ended_by", "consultation", "reading_by")
        .prefetch_related("clauses", Prefetch("questions", Question.objects.select_related("organ").order_by("-useful", "pk")), "links", "papers__attachment")
        .get(code=code)
    )  # fmt: skip


def policy_by_id(*, seen_by: Actor, policy_id: int) -> Policy:
    """Return a policy; raise Policy.DoesNotExist."""
    return Policy.objects.visible_to(seen_by).select_related("organ", "area").get(pk=policy_id)


def policies_by_code(*, seen_by: Actor, codes: Iterable[str]) -> list[Policy]:
    """Return released policies of these codes; raise NoSuchPolicy for the first that is none."""
    wanted = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    found = {one.code: one for one in Policy.objects.visible_to(seen_by).filter(code__in=wanted, released_at__isnull=False)}
    for code in wanted:
        if code not in found:
            raise NoSuchPolicy(code=code)
    return [found[code] for code in wanted]


def replacements(*, seen_by: Actor, policy: Policy) -> list[Policy]:
    """Return what a policy replaces, or is to replace."""
    rows = Replacement.objects.filter(policy=policy, old__in=Policy.objects.visible_to(seen_by)).select_related("old").order_by("pk")
    return [row.old for row in rows]


@dataclass(frozen=True, slots=True)
class Tie:
    """A link as a page shows it."""

    kind: str
    icon: str
    title: Any
    note: Any
    url: str


def ties(*, seen_by: Actor, policy: Policy) -> list[Tie]:
    """Return what a policy is linked with, each by its own name where somebody knows it."""
    found = []
    for link in policy.links.all():
        known = linked.find(seen_by=seen_by, kind=link.kind, code=link.code)
        note = " · ".join(str(part) for part in ((known.note if known else "") or link.note, link.clause) if part)
        found.append(Tie(link.kind, linked.ICONS.get(link.kind, "link"), (known.title if known else "") or link.title, note, known.url if known else ""))
    return found


def policies_of(*, seen_by: Actor, kind: str, code: str) -> list[Policy]:
    """Return the policies that a thing (an item, a benefit, a criterion) rests on, the newest first."""
    ids = Link.objects.filter(kind=kind, code=code).values("policy_id")
    return list(policies(seen_by=seen_by).filter(pk__in=ids))


@dataclass(frozen=True, slots=True)
class Ring:
    """One of the chain of documents that followed each other. `state`: gone, now or next."""

    state: str
    policy: Policy | None
    since: date | None
    until: date | None


def chain(*, seen_by: Actor, policy: Policy) -> list[Ring]:
    """Return what a policy came from and what followed it, oldest first; at most six."""
    before: list[Policy] = []
    step = replacements(seen_by=seen_by, policy=policy)
    while step and len(before) < 4:
        before.insert(0, step[0])
        step = replacements(seen_by=seen_by, policy=step[0])
    rings = [Ring("gone", one, one.valid_from, one.ended_on or one.valid_until) for one in before]
    rings.append(Ring("now", policy, policy.valid_from, policy.ended_on or policy.valid_until))
    after = policy.ended_by
    if after is not None and after.is_released:
        rings.append(Ring("next", after, after.valid_from, after.valid_until))
    elif policy.evaluate_on is not None:
        rings.append(Ring("next", None, policy.evaluate_on, policy.valid_until))
    return rings


def to_expire(*, seen_by: Actor, on: date) -> list[int]:
    """Return the released policies whose last day has passed and that nobody has marked as ended."""
    found = Policy.objects.visible_to(seen_by).filter(valid_until__lt=on, ended_on__isnull=True, released_at__isnull=False)
    return list(found.order_by("pk").values_list("pk", flat=True))


# ---- who is told ----------------------------------------------------------------------------------------------------
def subscriptions(*, seen_by: Actor) -> QuerySet[Subscription]:
    """Return the reader's own subscriptions."""
    return Subscription.objects.visible_to(seen_by).select_related("area", "policy").order_by("pk")


def subscribers(*, seen_by: Actor, topics: Sequence[str], area_path: str = "", policy_id: int | None = None) -> list[int]:
    """Return who wants to hear of something of these topics in this area ("" for the whole town), or of this one policy."""
    found = Subscription.objects.visible_to(seen_by).select_related("area")
    told = set()
    for one in found:
        if one.policy_id is not None:
            is_wanted = one.policy_id == policy_id
        else:
            here = one.area is None or not area_path or area_path == one.area.path or area_path.startswith(one.area.path + ".")
            is_wanted = here and (not one.topic or one.topic in topics)
        if is_wanted:
            told.add(one.person_id)
    return sorted(told)


# ---- what may answer ------------------------------------------------------------------------------------------------
MOST_WORDS = 120  # of a question: what is longer tells its matter before
_HAN = re.compile(r"[\u3400-\u9fff]+")


def words_of(*, seen_by: Actor, text: str) -> Counter[str]:
    """Return the words and pairs of characters by which a text is found, and how often it has each. Whoever asks: it is a matter of the text alone.

    Pairs stand beside words because what the cutter makes of a short question is not always what it made of the answer (路灯坏, 路 灯不亮).
    """
    found = Counter(word.lower()[:40] for word in words.cut(text).split() if len(word) > 1 or word.isdigit())
    pairs = Counter(run[n : n + 2] for run in _HAN.findall(text) for n in range(len(run) - 1))
    return Counter(found | pairs)


@dataclass(frozen=True, slots=True)
class Likely:
    """A passage that may answer, with how much of the question it covers (0 to 1, rare words count more)."""

    passage: Passage
    covers: float


_RANKED = """
WITH asked AS (SELECT unnest(%(words)s::text[]) AS word),
size AS (SELECT count(*)::float AS n, greatest(avg(length), 1)::float AS mean FROM policies_passage WHERE town_id = %(town)s),
rare AS (SELECT a.word, ln(1 + (size.n - count(w.id) + 0.5) / (count(w.id) + 0.5)) AS idf, ln(1 + (size.n + 10) / (count(w.id) + 1)) AS weight
         FROM asked a CROSS JOIN size LEFT JOIN policies_passageword w ON w.town_id = %(town)s AND w.word = a.word GROUP BY a.word, size.n),
hit AS (SELECT w.passage_id, sum(r.idf * w.times * 2.2 / (w.times + 1.2 * (0.25 + 0.75 * p.length / size.mean))) AS score, sum(r.weight) AS mass
        FROM rare r JOIN policies_passageword w ON w.town_id = %(town)s AND w.word = r.word JOIN policies_passage p ON p.id = w.passage_id CROSS JOIN size
        WHERE p.kind = ANY(%(kinds)s) AND (p.until IS NULL OR p.until > %(on)s) GROUP BY w.passage_id)
SELECT passage_id, mass / (SELECT sum(weight) FROM rare) FROM hit ORDER BY score DESC, passage_id LIMIT %(most)s
"""  # BM25 with k1 = 1.2, b = 0.75; how much is covered is weighed by a flatter rarity, so that it means something among few passages


def likely(*, seen_by: Actor, text: str, on: date, most: int = 5, least: float = 0.2,
           kinds: Sequence[str] = ("clause", "question", "enquiry")) -> list[Likely]:  # fmt: skip
    """Return the passages that may answer a text on a day, likeliest first by BM25; `least`: what share of the text's rare words each must have."""
    wanted = [word for word, _times in words_of(seen_by=seen_by, text=text).most_common(MOST_WORDS)]
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_RANKED, {"words": wanted, "town": current_town(), "kinds": list(kinds), "on": on, "most": most * 3})
        ranked = [(row[0], float(row[1])) for row in cursor.fetchall()]
    found = Passage.objects.visible_to(seen_by).in_bulk([pk for pk, _covers in ranked])
    return [Likely(found[pk], covers) for pk, covers in ranked if pk in found and covers >= least][:most]


# ---- consultations --------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Asked:
    """A consultation in a list."""

    consultation: Consultation
    state: str
    opinions: int

    @property
    def words(self) -> tuple[Any, str, str]:
        return CONSULTATION_WORDS[self.state]


def consultations(*, seen_by: Actor, on: date) -> list[Asked]:
    """Return the consultations, the newest first, with their state on a day and how many opinions came."""
    found = Consultation.objects.visible_to(seen_by).select_related("organ").annotate(given=Count("opinions")).order_by("-opened_at", "-pk")[:MOST]
    return [Asked(one, one.state_on(on), one.given) for one in found]


def consultation_for(*, seen_by: Actor, code: str) -> Consultation:
    """Return a consultation; raise Consultation.DoesNotExist."""
    return Consultation.objects.visible_to(seen_by).select_related("organ").prefetch_related("policies").get(code=code)


def sections(*, seen_by: Actor, consultation: Consultation) -> list[tuple[Section, list[Opinion]]]:
    """Return the sections of a draft, each with the opinions on it."""
    by_section: dict[int | None, list[Opinion]] = {}
    for opinion in opinions(seen_by=seen_by, consultation=consultation):
        by_section.setdefault(opinion.section_id, []).append(opinion)
    return [(section, by_section.get(section.pk, [])) for section in consultation.sections.all()]


def opinions(*, seen_by: Actor, consultation: Consultation, answered: bool | None = None) -> list[Opinion]:
    """Return the opinions on a draft in the order in which they came."""
    found = Opinion.objects.visible_to(seen_by).filter(consultation=consultation).select_related("answer", "section").order_by("pk")
    return list(found if answered is None else found.filter(answer__isnull=not answered))


def outcome(*, seen_by: Actor, consultation: Consultation) -> dict[str, int]:
    """Return how many opinions were taken, partly taken, not taken, and how many wait for an answer ("waiting")."""
    found = dict.fromkeys((*Answer.Taken.values, "waiting"), 0)
    for opinion in opinions(seen_by=seen_by, consultation=consultation):
        found[opinion.answer.taken if opinion.answer else "waiting"] += 1
    return found


def newest(*, seen_by: Actor, topic: str = "", area_path: str = "", most: int = 30) -> list[tuple[datetime, str, Any]]:
    """Return what is new, as (when, "policy" or "consultation", the thing), the newest first."""
    told: list[tuple[datetime, str, Any]] = []
    for policy in policies(seen_by=seen_by, topic=topic)[:most]:
        if not area_path or policy.area is None or policy.area.path == area_path or policy.area.path.startswith(area_path + "."):
            assert policy.released_at is not None
            told.append((max(policy.released_at, policy.read_at or policy.released_at), "policy", policy))
    asked = Consultation.objects.visible_to(seen_by)
    for consultation in (asked.filter(topics__contains=[topic]) if topic else asked).order_by("-opened_at")[:most]:
        told.append((consultation.told_at or consultation.opened_at, "consultation", consultation))
    return sorted(told, key=lambda one: one[0], reverse=True)[:most]
