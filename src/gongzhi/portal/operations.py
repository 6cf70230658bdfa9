"""Acts that reach into several modules: what the field app sends (one item of its outbox is one act), and the founding of a town."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as units
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import enter_town
from gongzhi.portal import rules
from gongzhi.portal.facts import FieldWorkTaken, TownOpened

if TYPE_CHECKING:
    from gongzhi.cases.models import Case
    from gongzhi.foundation.people.models import User
    from gongzhi.foundation.territory.models import Town


class BadTownCode(Refused):
    sentence = _("The code of a town begins with a small letter and has only small letters, digits and dashes.")
    field = "code"


class TownHasAdministrator(Refused):
    sentence = _("A town with this code exists already and has an administrator, who makes further log-ins at /administration/logins/.")
    field = "code"


class NoSuchCase(Refused):
    sentence = _("This case cannot be found any more; the dispatcher may have moved it to another area.")
    field = "slug"


class NoSuchCategory(Refused):
    sentence = _("Choose what it is about.")
    field = "category"


FEWEST_PHOTOS = {"verify": 1}  # by kind of work; the field app asks for them before it keeps an item


class NoPhoto(Refused):
    sentence = _("A check on site needs a photo.")
    field = "photos"


@operation
def open_town(
    *, by: Actor, at: datetime, code: str, name: str, short_name: str, name_en: str = "", division_code: str = "", hosts: tuple[str, ...] = (),
    is_default: bool = False, time_zone: str = "Asia/Shanghai", administrator: str = "admin", administrator_name: str = "",
) -> tuple["Town", "User", str]:  # fmt: skip
    """Found a town with what it needs to be set up in the browser: a committee, a first administrator, the first procedure of each kind.

    Return the town, the administrator's log-in and its first password, which is shown this once. Goes on working in the new town.
    """
    ensure(rules.may_open_town)
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", code):
        raise BadTownCode
    town = territories.found_town(
        by=by, at=at, code=code, name=name.strip(), short_name=short_name.strip(), name_en=name_en, division_code=division_code, hosts=hosts,
        is_default=is_default, time_zone=time_zone,
    )  # fmt: skip
    user, password = _staff(town, by=by, at=at, administrator=administrator, administrator_name=administrator_name)
    return town, user, password


@operation
def staff_town(*, by: Actor, at: datetime, code: str, administrator: str = "admin", administrator_name: str = "") -> tuple["Town", "User", str]:
    """Give a town that has no administrator, such as one that an import founded, what `open_town` gives a new one. Goes on working in that town."""
    ensure(rules.may_open_town)
    town = territory.towns(seen_by=by).get(code=code)
    enter_town(town.pk)
    if units.holders(seen_by=by, role="administrator", on=town.local(at).date()):
        raise TownHasAdministrator
    user, password = _staff(town, by=by, at=at, administrator=administrator, administrator_name=administrator_name)
    return town, user, password


def _staff(town: "Town", *, by: Actor, at: datetime, administrator: str, administrator_name: str) -> tuple["User", str]:
    """Make the committee, the first administrator and the first procedures that the town lacks."""
    committee = units.organ_by_code(seen_by=by, code="committee") or organs.define_organ(
        by=by, at=at, kind="committee", code="committee", name=f"{town.name}管理委员会"
    )
    title = str(_("Administrator 01"))
    user, password = people.employ(by=by, at=at, username=administrator, name=administrator_name or administrator, public_name=title)
    assert user.person_id is not None
    organs.give_post(by=by, at=at, person_id=user.person_id, organ_id=committee.pk, role="administrator", title=title, starts_on=town.local(at).date())
    for kind in kinds.kinds():
        if not queries.procedure_versions(seen_by=by, kind=kind.code).exists():
            definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
            cases.adopt_procedure(by=by, at=at, kind=kind.code, definition=definition, reason=str(_("The version that comes with the system")))
    record(TownOpened(subject=ref(town), code=town.code))
    return user, password


@operation
def take_field_work(
    *, by: Actor, at: datetime, key: str, kind: str, slug: str, category_code: str, title: str, text: str, passed: bool, address: str,
    longitude: float | None, latitude: float | None, seen_at: datetime, photos: Sequence[tuple[str, bytes]],
    version: int | None = None,
) -> "Case":  # fmt: skip
    """Take one item of the field app's outbox: a check, a result, or a find. The same `key` is done once.

    `photos`: (name, bytes); `seen_at`: when the worker stood there, as the phone told it; `version`: of the case, as the
    phone had it. Refusals of the acts themselves come through unchanged.
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
        need = cases.Need(
            kind="report", title=title, text=text, category_id=category.pk, longitude=longitude, latitude=latitude, address=address,
            origin="patrol", raised_by_id=by.person_id, submission_key=submission_key, attachment_ids=tuple(ids),
        )  # fmt: skip
        case = cases.open_case(by=by, at=at, need=need)
    else:
        found = queries.case_or_none(seen_by=by, slug=slug)
        if found is None:
            raise NoSuchCase
        if kind == "verify":
            if len(ids) < FEWEST_PHOTOS["verify"]:
                raise NoPhoto
            with cases.decided_on(found.pk, version):
                case = cases.verify_case(
                    by=by, at=at, case_id=found.pk, passed=passed, text=text or str(_("Checked on site.")), longitude=longitude, latitude=latitude,
                    attachment_ids=ids, seen_at=seen_at, submission_key=submission_key,
                )  # fmt: skip
        else:
            with cases.decided_on(found.pk, version):
                if "answer" not in (can := queries.may_now(seen_by=by, case=found)) and "accept" in can:
                    cases.accept_case(by=by, at=at, case_id=found.pk)  # who reports a result on the spot has begun the work there
                case = cases.answer_case(by=by, at=at, case_id=found.pk, public_text=text, attachment_ids=ids, submission_key=submission_key)
    record(FieldWorkTaken(subject=ref(case), key=key, kind_of_work=kind, seen_at=seen_at))
    return case
