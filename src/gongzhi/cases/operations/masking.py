"""Numbers of people in what was written before they were masked: masked where others read it, as written kept inside.

Masked where it is kept and not when it is read: so every page, export, notice and search gives the same, and none can forget it.
The ledger's hash of a case's wording stays provable by what is kept inside.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.db.models import Q, Value

from gongzhi.cases import rules, words
from gongzhi.cases.facts import TextsMasked
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Case, Rating, Step
from gongzhi.foundation.people import masking
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town

CHUNK = 1_000
OWN = ("clock", "system:", "sensing.device:")  # who writes what names no numbers of people; a case that was taken over is opened by a system all the same


@operation
def mask_texts(*, by: Actor, at: datetime) -> int:
    """Mask what residents and other systems wrote in the town's cases, steps and ratings; return how many rows that changed.

    What officers and devices wrote stays. A second time changes nothing. 200,000 cases take a minute; only rows that change are locked.
    """
    ensure(rules.may_import)
    count = _cases() + _steps() + _ratings()
    record(TextsMasked(subject=f"territory.town:{current_town()}", count=count))
    return count


def _masked(row: Any, *names: str) -> str:
    """Mask the fields of a row; return what was written in those that changed."""
    written = [getattr(row, name) for name in names if masking.masked(getattr(row, name)) != getattr(row, name)]
    for name in names:
        setattr(row, name, masking.masked(getattr(row, name)))
    return "\n".join(dict.fromkeys(written))


def _keep_inside(step: Step, written: str) -> None:
    lines = [line for line in written.splitlines() if line not in step.internal_text]
    step.internal_text = "\n".join(text for text in (step.internal_text, *lines) if text)


def _cases() -> int:
    count = 0
    for case in Case.objects.filter(device_id=None).only("pk", "title", "text", "address").iterator(chunk_size=CHUNK):
        written = _masked(case, "title", "text", "address")
        if not written:
            continue
        count += 1
        Case.objects.filter(pk=case.pk).update(
            title=case.title, text=case.text, address=case.address,
            search=SearchVector(Value(words.cut(f"{case.title} {case.text} {case.address}")), config="simple"),
        )  # fmt: skip
        opened = Step.objects.filter(case_id=case.pk, act=Act.OPEN.value).order_by("pk").first()
        if opened is not None:
            opened.public_text = masking.masked(opened.public_text)
            _keep_inside(opened, written)
            opened.save(update_fields=["public_text", "internal_text"])
    return count


def _steps() -> int:
    opened = Q(act=Act.OPEN.value)
    told = Step.objects.filter(opened | Q(organ_id=None), case__device_id=None).exclude(public_text="", reason="")
    for prefix in OWN:
        told = told.exclude(~opened & Q(by__startswith=prefix))
    count = 0
    for step in told.only("pk", "public_text", "internal_text", "reason").iterator(chunk_size=CHUNK):
        written = _masked(step, "public_text", "reason")
        if written:
            count += 1
            _keep_inside(step, written)
            step.save(update_fields=["public_text", "internal_text", "reason"])
    return count


def _ratings() -> int:
    count = 0
    for rating in Rating.objects.exclude(text="").only("pk", "text").iterator(chunk_size=CHUNK):
        if _masked(rating, "text"):
            count += 1
            rating.save(update_fields=["text"])
    return count
