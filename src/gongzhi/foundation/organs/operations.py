"""Acts on organs and posts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.organs import queries, rules
from gongzhi.foundation.organs.facts import FirmOrgansDefined, OrganDefined, PostEnded, PostGiven, RoleChanged
from gongzhi.foundation.organs.models import Organ, Post, Role, RoleChange
from gongzhi.foundation.organs.role_words import ROLE_WORDS
from gongzhi.foundation.people import joint
from gongzhi.foundation.people import operations as people_acts
from gongzhi.foundation.people import queries as people
from gongzhi.foundation.people.facts import JointActAsked
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import abilities
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.memory import forget
from gongzhi.kernel.operation import Refused, ensure, operation, record, retell
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


class EndsEarlier(Refused):
    sentence = _("This post ends earlier already. Give a new post instead.")
    field = "ends_on"


class TakesTwo(Refused):
    sentence = _("This gives critical abilities, so it takes two people: ask for it, and let another confirm it.")


class OwnRole(Refused):
    sentence = _("You hold this role yourself; somebody who does not must change it.")


class NoSuchAbility(Refused):
    sentence = _("There is no ability %(name)s.")
    field = "abilities"


class NotForThisRole(Refused):
    sentence = _("This role must not have it: %(title)s.")
    field = "abilities"


class LastRole(Refused):
    sentence = _("No other role has it, so it must stay: %(title)s.")
    field = "abilities"


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


def _checked_post(by: Actor, *, person_id: int, organ_id: int, role: str, area_id: int | None, starts_on: date, ends_on: date | None) -> None:
    """Raise where such a post cannot be given by this actor to this person."""
    if role not in Role.values:
        raise UnknownRole
    if by.person_id is not None and by.person_id == person_id:
        raise people_acts.NotForOneself
    if ends_on is not None and ends_on < starts_on:
        raise EndsBeforeStart
    _exist(by, area_id=area_id, organ_id=organ_id, person_id=person_id)


def _make_post(*, person_id: int, organ_id: int, role: str, starts_on: date, area_id: int | None, title: str, ends_on: date | None) -> Post:
    post = Post.objects.create(
        town_id=current_town(), person_id=person_id, organ_id=organ_id, role=role, area_id=area_id, title=title[:40], starts_on=starts_on, ends_on=ends_on
    )
    record(PostGiven(subject=ref(post), organ_id=organ_id, role=role, starts_on=starts_on))
    return post


@dataclass(frozen=True, slots=True)
class FirmOrgan:
    """The organ of a firm as the register of firms has it; with an id it is corrected. `code`: "" for one made from the id."""

    name: str
    name_en: str = ""
    code: str = ""
    area_id: int | None = None
    closed_on: date | None = None
    organ_id: int | None = None


@operation
def define_firms(*, by: Actor, at: datetime, firms: Sequence[FirmOrgan]) -> list[Organ]:
    """Define the organs of many firms at once, or correct those with an id; return them in the same order. For the register of firms."""
    ensure(rules.may_define_organs)
    known = Organ.objects.select_for_update().in_bulk([one.organ_id for one in firms if one.organ_id is not None])
    taken = set(Organ.objects.filter(code__in=[f"firm-{one.code}" for one in firms if one.code]).values_list("code", flat=True))
    found, new = list[Organ](), list[Organ]()
    for one in firms:
        code = f"firm-{one.code}" if one.code and f"firm-{one.code}" not in taken else f"firm-{uuid4().hex[:20]}"
        organ = known.get(one.organ_id or 0) or Organ(town_id=current_town(), kind=Organ.Kind.ENTERPRISE, code=code, area_id=one.area_id)
        organ.name, organ.name_en, organ.closed_on = one.name, one.name_en, one.closed_on
        found.append(organ)
        if organ.pk is None:
            new.append(organ)
    Organ.objects.bulk_create(new, batch_size=1_000)
    Organ.objects.bulk_update([organ for organ in found if organ.pk in known], ["name", "name_en", "closed_on"], batch_size=500)
    forget("organs.working")
    record(FirmOrgansDefined(subject=f"territory.town:{current_town()}", organ_ids=tuple(organ.pk for organ in found)))
    return found


@operation
def give_post(*, by: Actor, at: datetime, person_id: int, organ_id: int, role: str, starts_on: date, area_id: int | None = None, title: str = "",
              ends_on: date | None = None) -> Post:  # fmt: skip
    """Give a person a post in an organ, for an area or for the whole town.

    Nobody gives one to themselves. A post whose role holds critical abilities takes two people: `ask_post`.
    """
    ensure(rules.may_give_posts)
    _checked_post(by, person_id=person_id, organ_id=organ_id, role=role, area_id=area_id, starts_on=starts_on, ends_on=ends_on)
    if by.kind == "person" and queries.critical_of(seen_by=by, role=role):
        raise TakesTwo
    return _make_post(person_id=person_id, organ_id=organ_id, role=role, starts_on=starts_on, area_id=area_id, title=title, ends_on=ends_on)


@operation
def ask_post(*, by: Actor, at: datetime, person_id: int, organ_id: int, role: str, starts_on: date, area_id: int | None = None, title: str = "",
             ends_on: date | None = None) -> Any:  # fmt: skip
    """Ask that a post with critical abilities be given; it is when a second person confirms. Returns the request."""
    ensure(rules.may_give_posts)
    _checked_post(by, person_id=person_id, organ_id=organ_id, role=role, area_id=area_id, starts_on=starts_on, ends_on=ends_on)
    content = {"person_id": person_id, "organ_id": organ_id, "role": role, "area_id": area_id, "title": title[:40], "starts_on": starts_on.isoformat(),
               "ends_on": ends_on.isoformat() if ends_on else None}  # fmt: skip
    asked = people_acts.ask_joint_act(by=by, at=at, act="give_post", content=content, concerns_id=person_id)
    retell(JointActAsked, lambda fact: replace(fact, role=role))
    return asked


def _perform_post(by: Actor, at: datetime, content: Mapping[str, Any]) -> Post:
    told = dict(content) | {name: date.fromisoformat(content[name]) if content[name] else None for name in ("starts_on", "ends_on")}
    title = told.pop("title")
    _checked_post(by, **told)
    return _make_post(title=title, **told)


@operation
def end_post(*, by: Actor, at: datetime, post_id: int, ends_on: date) -> Post:
    """End a post; from that day its holder no longer serves. A post is never prolonged this way: that would be giving it."""
    post = Post.objects.select_for_update().get(pk=post_id)
    ensure(rules.may_give_posts)
    if ends_on < post.starts_on:
        raise EndsBeforeStart
    if post.ends_on is not None and ends_on > post.ends_on:
        raise EndsEarlier
    post.ends_on = ends_on
    post.save(update_fields=["ends_on"])
    record(PostEnded(subject=ref(post), organ_id=post.organ_id, role=post.role, ends_on=ends_on))
    return post


# ---- what roles may do ----------------------------------------------------------------------------------------------
def _change(by: Actor, role: str, wanted: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return by what the role would have more and less; raise where that cannot be."""
    if role not in Role.values:
        raise UnknownRole
    if any(duty.role == role for duty in by.duties):
        raise OwnRole
    chosen, known = frozenset(wanted), abilities.known()
    strange = sorted(code for code in chosen if code not in known)
    if strange:
        raise NoSuchAbility(name=strange[0])
    barred = sorted(code for code in chosen if not known[code].is_open_to(role))
    if barred:
        raise NotForThisRole(title=known[barred[0]].title)
    present = queries.role_abilities(seen_by=by)[role]
    added, removed = chosen - present, present - chosen
    others = [held for other, held in queries.role_abilities(seen_by=by).items() if other != role]
    for code in sorted(removed & abilities.critical()):
        if not any(code in held for held in others):
            raise LastRole(title=known[code].title)
    return added, removed


def _keep_role(role: str, wanted: Iterable[str], at: datetime, added: frozenset[str], removed: frozenset[str]) -> RoleChange:
    chosen, shipped = frozenset(wanted), abilities.shipped(role)
    change, _made = RoleChange.objects.update_or_create(
        town_id=current_town(), role=role, defaults={"added": sorted(chosen - shipped), "removed": sorted(shipped - chosen), "changed_at": at}
    )
    forget(queries.ROLES)
    record(RoleChanged(subject=ref(change), role=role, added=tuple(sorted(added)), removed=tuple(sorted(removed))))
    return change


@operation
def change_role(*, by: Actor, at: datetime, role: str, wanted: Iterable[str]) -> RoleChange:
    """Set what a role may do in this town. Nobody changes a role that they hold; critical abilities take two people: `ask_role`."""
    ensure(rules.may_change_roles)
    wanted = frozenset(wanted)
    added, removed = _change(by, role, wanted)
    if by.kind == "person" and (added | removed) & abilities.critical():
        raise TakesTwo
    return _keep_role(role, wanted, at, added, removed)


@operation
def ask_role(*, by: Actor, at: datetime, role: str, wanted: Iterable[str]) -> Any:
    """Ask that a role be changed in a critical ability; it is when a second person confirms. Returns the request."""
    ensure(rules.may_change_roles)
    wanted = frozenset(wanted)
    added, removed = _change(by, role, wanted)
    content = {"role": role, "added": sorted(added), "removed": sorted(removed)}
    asked = people_acts.ask_joint_act(by=by, at=at, act="change_role", content=content)
    retell(JointActAsked, lambda fact: replace(fact, role=role))
    return asked


def _perform_role(by: Actor, at: datetime, content: Mapping[str, Any]) -> RoleChange:
    role = content["role"]
    present = queries.role_abilities(seen_by=by)[role]
    wanted = (present | frozenset(content["added"])) - frozenset(content["removed"])
    added, removed = _change(by, role, wanted)
    return _keep_role(role, wanted, at, added, removed)


def _post_words(content: Mapping[str, Any]) -> str:
    return f"{Organ.objects.get(pk=content['organ_id'])} · {ROLE_WORDS[content['role']]}"


def _role_words(content: Mapping[str, Any]) -> str:
    known = abilities.known()
    told = [f"+ {known[code].title}" for code in content["added"] if code in known] + [f"− {known[code].title}" for code in content["removed"] if code in known]
    return f"{ROLE_WORDS[content['role']]}: {', '.join(told)}"


joint.register(joint.JointAct(
    code="give_post", title=_("Give a post"), may=rules.may_give_posts, perform=_perform_post, words=_post_words,
    reach=lambda content, at: queries.critical_of(seen_by=CLOCK, role=content["role"]),
))  # fmt: skip
joint.register(joint.JointAct(
    code="change_role", title=_("Change what a role may do"), may=rules.may_change_roles, perform=_perform_role, words=_role_words,
    reach=lambda content, at: frozenset(content["added"]) & abilities.critical(),
))  # fmt: skip
