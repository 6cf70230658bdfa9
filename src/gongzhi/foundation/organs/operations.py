"""Acts on organs and posts."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries, rules
from gongzhi.foundation.organs.facts import OrganDefined, PostEnded, PostGiven
from gongzhi.foundation.organs.models import Organ, Post, Role
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town


class UnknownKindOfOrgan(Refused):
    sentence = _("Choose what sort of organ it is.")
    field = "kind"


class UnknownRole(Refused):
    sentence = _("Choose one of the roles.")
    field = "role"


class EndsBeforeStart(Refused):
    sentence = _("A post cannot end before it begins.")
    field = "ends_on"


class NoName(Refused):
    sentence = _("Give it a name.")
    field = "name"


class AboveItself(Refused):
    sentence = _("An organ cannot stand above itself.")
    field = "parent"


def _exist(by: Actor, *, area_id: int | None, organ_id: int | None, person_id: int | None = None) -> None:
    """Raise DoesNotExist where one of these is none of the town's."""
    if area_id is not None:
        territory.area_for(seen_by=by, area_id=area_id)
    if organ_id is not None:
        queries.organ_for(seen_by=by, organ_id=organ_id)
    if person_id is not None:
        people.person_for(seen_by=by, person_id=person_id)


def _is_below(organ_id: int, top_id: int) -> bool:
    """Return whether the organ is the other one or stands somewhere below it."""
    above = dict(Organ.objects.values_list("pk", "parent_id"))
    at: int | None = organ_id
    for _step in range(len(above) + 1):
        if at is None or at == top_id:
            return at is not None
        at = above.get(at)
    return True


@operation
def define_organ(*, by: Actor, at: datetime, kind: str, code: str, name: str, name_en: str = "", parent_id: int | None = None,
                 area_id: int | None = None, duty_phone: str = "", closed_on: date | None = None) -> Organ:  # fmt: skip
    """Define an organ, or correct the one with this code."""
    ensure(rules.may_define_organs)
    if kind not in Organ.Kind.values:
        raise UnknownKindOfOrgan
    if not name.strip():
        raise NoName
    _exist(by, area_id=area_id, organ_id=parent_id)
    known = Organ.objects.filter(code=code).first()
    if known is not None and parent_id is not None and _is_below(parent_id, known.pk):
        raise AboveItself
    organ, _made = Organ.objects.update_or_create(
        town_id=current_town(), code=code,
        defaults={"kind": kind, "name": name, "name_en": name_en, "parent_id": parent_id, "area_id": area_id, "duty_phone": duty_phone,
                  "closed_on": closed_on},
    )  # fmt: skip
    forget("organs.working")
    record(OrganDefined(subject=ref(organ), code=code, kind_of_organ=kind))
    return organ


@operation
def give_post(*, by: Actor, at: datetime, person_id: int, organ_id: int, role: str, starts_on: date, area_id: int | None = None, title: str = "",
              ends_on: date | None = None) -> Post:  # fmt: skip
    """Give a person a post in an organ, for an area or for the whole town."""
    ensure(rules.may_give_posts)
    if role not in Role.values:
        raise UnknownRole
    if ends_on is not None and ends_on < starts_on:
        raise EndsBeforeStart
    _exist(by, area_id=area_id, organ_id=organ_id, person_id=person_id)
    post = Post.objects.create(
        town_id=current_town(), person_id=person_id, organ_id=organ_id, role=role, area_id=area_id, title=title[:40], starts_on=starts_on, ends_on=ends_on
    )
    record(PostGiven(subject=ref(post), organ_id=organ_id, role=role, starts_on=starts_on))
    return post


@operation
def end_post(*, by: Actor, at: datetime, post_id: int, ends_on: date) -> Post:
    """End a post; from that day its holder no longer serves."""
    post = Post.objects.select_for_update().get(pk=post_id)
    ensure(rules.may_give_posts)
    if ends_on < post.starts_on:
        raise EndsBeforeStart
    post.ends_on = ends_on
    post.save(update_fields=["ends_on"])
    record(PostEnded(subject=ref(post), organ_id=post.organ_id, role=post.role, ends_on=ends_on))
    return post
