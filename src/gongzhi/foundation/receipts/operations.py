"""Acts on receipts."""

from datetime import datetime, timedelta

from gongzhi.foundation.people import sealing
from gongzhi.foundation.receipts import rules
from gongzhi.foundation.receipts.facts import AnswerKept, ReceiptsCleaned
from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town

KEPT_FOR = timedelta(days=30)


@operation
def keep_answer(*, by: Actor, at: datetime, scope: str, key: str, status: int, answer: str) -> Receipt:
    """Add what was answered to the receipt of a key."""
    kept = Receipt.objects.select_for_update().get(scope=scope, key=key)
    ensure(rules.may_keep)
    kept.status, kept.answer = status, sealing.seal_text(answer, "receipt")
    kept.save(update_fields=["status", "answer"])
    record(AnswerKept(subject=ref(kept), status=status))
    return kept


@operation
def forget_answers(*, by: Actor, at: datetime, person_id: int) -> int:
    """Throw away every answer that the town keeps when the details of a person are erased; that it was done stays. Returns how many.

    An answer is sealed, and what an officer was told of a case, a household or a firm may name anybody: no question to the table finds
    those that name this person. Answers only spare a program that sends a call twice within thirty days a look of its own, and a call
    that is sent again is still not done again; so none of them is worth a name that was to be erased.
    """
    ensure(rules.may_keep)
    count = Receipt.objects.exclude(answer="").update(answer="", status=None)
    record(ReceiptsCleaned(subject=f"people.person:{person_id}", count=count))
    return count


@operation
def clean_receipts(*, by: Actor, at: datetime) -> int:
    """Throw receipts away after thirty days; return how many."""
    ensure(rules.may_keep)
    count, _by_table = Receipt.objects.filter(made_at__lt=at - KEPT_FOR).delete()
    record(ReceiptsCleaned(subject=f"territory.town:{current_town()}", count=count))
    return count
