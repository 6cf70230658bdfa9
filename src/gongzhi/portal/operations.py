"""What the field app sends: one item of its outbox is one act, however often it is sent."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import operations as cases
from gongzhi.cases import queries
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.portal import rules
from gongzhi.portal.facts import FieldWorkTaken

if TYPE_CHECKING:
    from gongzhi.cases.models import Case


class NoSuchCase(Refused):
    sentence = _("This case cannot be found any more; the dispatcher may have moved it to another area.")
    field = "slug"


class NoSuchCategory(Refused):
    sentence = _("Choose what it is about.")
    field = "category"


class NoPhoto(Refused):
    sentence = _("A check on site needs a photo.")
    field = "photos"


@operation
def take_field_work(
    *, by: Actor, at: datetime, key: str, kind: str, slug: str, category_code: str, title: str, text: str, passed: bool, address: str,
    longitude: float | None, latitude: float | None, seen_at: datetime, photos: Sequence[tuple[str, bytes]],
) -> "Case":  # fmt: skip
    """Take one item of the field app's outbox: a check, a result, or a find. The same `key` is done once.

    `photos`: (name, bytes); `seen_at`: when the worker stood there, as the phone told it. Refusals of the acts
    themselves come through unchanged.
    """
    ensure(rules.may_use_field)
    submission_key = f"field:{hashlib.sha256(f'{by.ref}:{key}'.encode()).hexdigest()[:40]}"
    known = queries.case_of_submission(seen_by=by, submission_key=submission_key)
    if known is not None:
        record(FieldWorkTaken(subject=ref(known), key=key, kind_of_work=kind, seen_at=seen_at))
        return known
    ids = [attachments.add_attachment(by=by, at=at, content=content, name=name, is_public=True).pk for name, content in photos]
    if kind == "find":
        category = queries.category_by_code(seen_by=by, code=category_code)
        if category is None:
            raise NoSuchCategory
        case = cases.open_case(
            by=by, at=at, kind="report", title=title, text=text, category_id=category.pk, longitude=longitude, latitude=latitude, address=address,
            origin="patrol", raised_by_id=by.person_id, submission_key=submission_key, attachment_ids=ids,
        )  # fmt: skip
    else:
        found = queries.case_or_none(seen_by=by, slug=slug)
        if found is None:
            raise NoSuchCase
        if kind == "verify":
            if not ids:
                raise NoPhoto
            case = cases.verify_case(
                by=by, at=at, case_id=found.pk, passed=passed, text=text or str(_("Checked on site.")), longitude=longitude, latitude=latitude,
                attachment_ids=ids, seen_at=seen_at, submission_key=submission_key,
            )  # fmt: skip
        else:
            case = cases.answer_case(by=by, at=at, case_id=found.pk, public_text=text, attachment_ids=ids, submission_key=submission_key)
    record(FieldWorkTaken(subject=ref(case), key=key, kind_of_work=kind, seen_at=seen_at))
    return case
