"""What a policy means in plain words, beside its letter, and what people ask of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.policies import rules
from gongzhi.service_line.policies.facts import PassageKept, ReadingPublished
from gongzhi.service_line.policies.models import Policy, Question
from gongzhi.service_line.policies.operations import passages


class NothingRead(Refused):
    sentence = _("Say in one or two sentences what it means for people.")
    field = "gist"


class NoAnswer(Refused):
    sentence = _("A question needs its words and its answer.")
    field = "answer"


def _locked(policy_id: int) -> Policy:
    return Policy.objects.select_for_update(of=("self",)).select_related("handled_by", "organ").get(pk=policy_id)


@operation
def publish_reading(
    *, by: Actor, at: datetime, policy_id: int, gist: str, plain: Mapping[int, tuple[str, str]] | None = None, affected: Sequence[Mapping[str, Any]] = (),
    organ_id: int | None = None,
) -> Policy:  # fmt: skip
    """Publish the reading of a policy: `gist` in a sentence or two, `plain` by the place of a clause (a few words, what it means),
    `affected` rows of {what, count, note}. Clauses that are not named keep what they have. Raises NothingRead.
    """
    policy = _locked(policy_id)
    ensure(rules.may_work_on, policy)
    if not gist.strip():
        raise NothingRead
    policy.gist = gist.strip()
    policy.affected = [{name: str(row.get(name, "")).strip()[:120] for name in ("what", "count", "note")} for row in affected][:12]
    policy.affected_on = territory.day_of(seen_by=by, at=at) if policy.affected else None
    policy.reading_by_id = organ_id or policy.handled_by_id or policy.organ_id
    policy.read_at = at
    policy.save()
    for clause in policy.clauses.all():
        if plain is not None and clause.place in plain:
            clause.plain_title, clause.plain = (part.strip() for part in plain[clause.place])
            clause.plain_title = clause.plain_title[:40]
            clause.save(update_fields=["plain_title", "plain"])
    passages._keep_policy(policy, at)
    record(ReadingPublished(subject=ref(policy), code=policy.code, clauses=policy.clauses.exclude(plain="").count(), questions=policy.questions.count(),
                            public=policy.is_released))  # fmt: skip
    return policy


@operation
def answer_question(*, by: Actor, at: datetime, policy_id: int, text: str, answer: str, clause: str = "") -> Question:
    """Answer beside a policy what people ask of it. Raises NoAnswer."""
    policy = _locked(policy_id)
    ensure(rules.may_work_on, policy)
    if not text.strip() or not answer.strip():
        raise NoAnswer
    question, _made = Question.objects.update_or_create(
        town_id=current_town(), policy=policy, text=text.strip()[:200],
        defaults={"answer": answer.strip(), "clause": clause.strip()[:40], "organ_id": policy.handled_by_id or policy.organ_id, "answered_at": at},
    )  # fmt: skip
    passages._keep_policy(policy, at)
    record(ReadingPublished(subject=ref(policy), code=policy.code, clauses=policy.clauses.exclude(plain="").count(), questions=policy.questions.count(),
                            public=policy.is_released))  # fmt: skip
    return question


def _anybody(actor: Actor) -> bool:
    """Anybody may say that an answer helped."""
    return actor.scopes is None or "town:write" in actor.scopes


@operation
def find_useful(*, by: Actor, at: datetime, question_id: int) -> Question:
    """Count somebody whom an answer helped; who it was is not kept."""
    question = Question.objects.select_related("policy").get(pk=question_id, policy__released_at__isnull=False)
    ensure(_anybody)
    Question.objects.filter(pk=question.pk).update(useful=F("useful") + 1)
    question.refresh_from_db()
    record(PassageKept(subject=ref(question), about="useful", public=False))
    return question
