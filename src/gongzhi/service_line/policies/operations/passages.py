"""What may answer a question is kept as passages, each with its words."""

from datetime import date, datetime

from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import queries, rules
from gongzhi.service_line.policies.facts import PassageKept
from gongzhi.service_line.policies.models import Passage, PassageWord, Policy


def _put(*, about: str, kind: str, title: str, text: str, source: str, url: str, at: datetime, until: date | None = None) -> Passage:
    """Keep a passage under what it is about; one that was kept before is written anew."""
    found = queries.words_of(seen_by=ANYONE, text=f"{title}\n{title}\n{source}\n{text}")  # the title tells the matter: it counts twice
    passage, _made = Passage.objects.update_or_create(
        town_id=current_town(), about=about,
        defaults={"kind": kind, "title": title[:200], "text": text, "source": source[:200], "url": url[:200], "length": sum(found.values()), "kept_at": at,
                  "until": until},
    )  # fmt: skip
    PassageWord.objects.filter(passage=passage).delete()
    PassageWord.objects.bulk_create(
        PassageWord(town_id=current_town(), passage=passage, word=word, times=min(times, 32_000)) for word, times in found.items()
    )
    return passage


def _keep_policy(policy: Policy, at: datetime) -> None:
    """Keep the clauses and questions of a released policy as what may answer, as long as it holds."""
    if not policy.is_released:
        return
    until = policy.ended_on or (date.fromordinal(policy.valid_until.toordinal() + 1) if policy.valid_until else None)
    for clause in policy.clauses.all():
        if clause.plain or clause.number:
            _put(about=ref(clause), kind="clause", title=clause.plain_title or f"{policy.title}{clause.number}", text=clause.plain or clause.text,
                 source=f"{policy.title} {clause.number}", url=f"{policy.url}#c{clause.place}", at=at, until=until)  # fmt: skip
    for question in policy.questions.all():
        _put(about=ref(question), kind="question", title=question.text, text=question.answer, source=f"{policy.title} {question.clause}",
             url=f"{policy.url}#q{question.pk}", at=at, until=until)  # fmt: skip


@operation
def keep_passage(*, by: Actor, at: datetime, about: str, kind: str, title: str, text: str, url: str, source: str = "") -> Passage:
    """Keep a text that everybody may read as something that may answer a question; the same `about` is written anew."""
    ensure(rules.may_keep_passages)
    passage = _put(about=about, kind=kind, title=title, text=text, source=source, url=url, at=at)
    record(PassageKept(subject=ref(passage), about=about, public=False))
    return passage
