"""What the evaluation offers for meetings to take up: the findings of the last week."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.evaluation import queries, telling
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.agendas import Matter, Source, declare


def _findings(*, seen_by: Actor, at: datetime) -> Iterator[Matter]:
    for told in telling.tell(seen_by=seen_by, found=queries.findings(seen_by=seen_by)):
        one = told.finding
        yield Matter(
            key=f"evaluation.finding:{one.sort}:{one.key}", title=told.title, text=told.text, url=f"/evaluation/findings/{one.pk}/", weight=one.sureness,
            organ_id=one.organ_id,
        )  # fmt: skip


declare(Source(code="findings", title=_("Findings"), offer=_findings))
