"""Acts on notices."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gongzhi.foundation.notices import rules
from gongzhi.foundation.notices.facts import NoticeGiven
from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.live import announce
from gongzhi.kernel.operation import ensure, operation, record
from gongzhi.kernel.towns import current_town


@operation
def give_notice(*, by: Actor, at: datetime, person_ids: Iterable[int], kind: str, title: str, text: str = "", url: str = "", case_id: int | None = None,
                params: dict[str, Any] | None = None, dedupe: str = "") -> list[Notice]:  # fmt: skip
    """Give each of these people a notice. `title` is a msgid, `params` its parameters; the same `dedupe` key is given once."""
    ensure(rules.may_give)
    made = [
        Notice(town_id=current_town(), person_id=person_id, kind=kind, title=title, params=params or {}, text=text, url=url, case_id=case_id,
               dedupe=dedupe, made_at=at)
        for person_id in dict.fromkeys(person_ids)
    ]  # fmt: skip
    if dedupe:
        known = set(Notice.objects.filter(dedupe=dedupe, person_id__in=[notice.person_id for notice in made]).values_list("person_id", flat=True))
        made = [notice for notice in made if notice.person_id not in known]
    Notice.objects.bulk_create(made)
    if made:
        announce([f"person:{notice.person_id}" for notice in made], "notice")
    record(NoticeGiven(subject=f"notices.notice:{made[0].pk if made else 0}", kind_of_notice=kind, notice_ids=tuple(notice.pk for notice in made)))
    return made
