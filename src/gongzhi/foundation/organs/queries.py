"""Organs, posts, and what a person's posts make of them."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from gongzhi.foundation.organs.models import Organ, Post, Role, RoleChange
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel import abilities
from gongzhi.kernel.actors import ANYONE, Actor, Duty
from gongzhi.kernel.memory import remember


def organs(*, seen_by: Actor, kind: str = "") -> QuerySet[Organ]:
    """Return the organs of the town in order of their ids, closed ones too."""
    found = Organ.objects.visible_to(seen_by)
    return (found.filter(kind=kind) if kind else found).order_by("pk")


def open_organs(*, seen_by: Actor, on: date) -> QuerySet[Organ]:
    """Return the organs that work on the day, by kind and name."""
    return organs(seen_by=seen_by).exclude(closed_on__lte=on).order_by("kind", "name", "pk")


def firms(*, seen_by: Actor, own: bool = False) -> list[tuple[int, str]]:
    """Return the firms of the town to choose from, (id, name), or with `own` those that the actor serves."""
    return [(organ.pk, str(organ)) for organ in organs(seen_by=seen_by, kind="enterprise") if not own or organ.pk in seen_by.organ_ids]


def organ_for(*, seen_by: Actor, organ_id: int) -> Organ:
    """Return an organ; raise Organ.DoesNotExist."""
    return Organ.objects.visible_to(seen_by).get(pk=organ_id)


FIRMS = (Organ.Kind.ENTERPRISE, Organ.Kind.SOCIAL)  # a town may have thousands of them; of all others it has some dozens


def organs_by_id(*, seen_by: Actor, organ_ids: Iterable[int | None]) -> dict[int, Organ]:
    """Return these organs by their ids; None is left out. Those that work for the town are remembered, firms are asked for together."""
    wanted = {organ_id for organ_id in organ_ids if organ_id is not None}
    known = remember("organs.working", lambda: Organ.objects.visible_to(seen_by).exclude(kind__in=FIRMS).in_bulk()) if wanted else {}
    others = [organ_id for organ_id in wanted if organ_id not in known]
    found = {organ_id: known[organ_id] for organ_id in wanted if organ_id in known}
    return found | Organ.objects.visible_to(seen_by).in_bulk(others) if others else found


def organ_by_code(*, seen_by: Actor, code: str) -> Organ | None:
    """Return the organ with this code, or None."""
    return Organ.objects.visible_to(seen_by).filter(code=code).first()


def dispatch_organ_id(*, seen_by: Actor, code: str | None = None) -> int | None:
    """Return the organ that dispatches: the one the town names, else where a dispatcher serves, else the committee. Whoever asks: who dispatches is public."""

    def find() -> int | None:
        if code:
            named = Organ.objects.filter(code=code).values_list("pk", flat=True).first()
            if named is not None:
                return named
        serving = Post.objects.filter(role="dispatcher", ends_on__isnull=True).order_by("pk").values_list("organ_id", flat=True).first()
        return serving or Organ.objects.filter(kind="committee").order_by("pk").values_list("pk", flat=True).first()

    return remember(f"organs.dispatch:{code or ''}", find)


def posts(*, seen_by: Actor, on: date, organ_id: int | None = None) -> QuerySet[Post]:
    """Return the posts held on a day."""
    found = Post.objects.visible_to(seen_by).held_on(on).select_related("person", "organ", "area")
    return (found.filter(organ_id=organ_id) if organ_id is not None else found).order_by("organ_id", "pk")


def all_posts(*, seen_by: Actor, on: date | None = None) -> QuerySet[Post]:
    """Return the posts held on the day or later, or with None every post that ever was, by organ."""
    found = Post.objects.visible_to(seen_by).select_related("person", "organ", "area")
    if on is not None:
        found = found.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
    return found.order_by("organ__name", "role", "pk")


def post_for(*, seen_by: Actor, post_id: int) -> Post:
    """Return a post with its person and organ; raise Post.DoesNotExist."""
    return Post.objects.visible_to(seen_by).select_related("person", "organ", "area").get(pk=post_id)


def posts_of(*, seen_by: Actor, person_id: int, on: date) -> QuerySet[Post]:
    """Return the posts that a person holds on a day or will hold."""
    running = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    return Post.objects.visible_to(seen_by).filter(running, person_id=person_id).select_related("organ").order_by("pk")


def people_serving_since(*, seen_by: Actor, person_ids: Iterable[int], since: date) -> set[int]:
    """Return those of the people who hold a post or held one after the day. Whoever asks: ids only, for the task that erases what nobody needs any more."""
    running = Q(ends_on__isnull=True) | Q(ends_on__gt=since)
    return set(Post.objects.filter(running, person_id__in=list(person_ids)).order_by().values_list("person_id", flat=True).distinct())


def people_of(*, seen_by: Actor, organ_id: int, on: date) -> list[int]:
    """Return the ids of the people who hold a post in the organ on a day."""
    return list(posts(seen_by=seen_by, on=on, organ_id=organ_id).order_by("person_id").values_list("person_id", flat=True).distinct())


def holders(*, seen_by: Actor, role: str, on: date, area_path: str = "") -> list[int]:
    """Return the ids of the people who hold a post of the role whose area covers the path (or of any area)."""
    found = posts(seen_by=seen_by, on=on).filter(role=role)
    return sorted(
        {
            post.person_id for post in found
            if not area_path or post.area is None or area_path == post.area.path or area_path.startswith(post.area.path + ".")
        }
    )  # fmt: skip


ROLES = "organs.roles"


def role_abilities(*, seen_by: Actor) -> dict[str, frozenset[str]]:
    """Return what each role may do in this town; a change shows in other processes within seconds.

    Whoever asks: what roles may do is public.
    """

    def find() -> dict[str, frozenset[str]]:
        found = {role: abilities.shipped(role) for role in Role.values}
        for change in RoleChange.objects.all():
            known = abilities.known()
            more = {code for code in change.added if code in known and known[code].is_open_to(change.role)}
            found[change.role] = (found[change.role] | more) - frozenset(change.removed)
        return found

    return remember(ROLES, find)


def able(*, seen_by: Actor, ability: str, on: date) -> list[int]:
    """Return the ids of the people whose posts on a day allow this."""
    able_roles = [role for role, held in role_abilities(seen_by=seen_by).items() if ability in held]
    return sorted(posts(seen_by=seen_by, on=on).filter(role__in=able_roles).order_by("person_id").values_list("person_id", flat=True).distinct())


def critical_of(*, seen_by: Actor, role: str) -> frozenset[str]:
    """Return the critical abilities of a role in this town: a post in it takes two people."""
    return role_abilities(seen_by=seen_by).get(role, frozenset()) & abilities.critical()


def actor_for_person(*, seen_by: Actor, person_id: int, at: datetime, user_id: int | None = None) -> Actor:
    """Return a person as an actor, in the posts they hold at the moment."""
    day = territory.day_of(seen_by=seen_by, at=at)
    held = Post.objects.filter(person_id=person_id).held_on(day).select_related("area").order_by("pk")
    sets = role_abilities(seen_by=seen_by) if held else {}
    duties = tuple(
        Duty(
            organ_id=post.organ_id, role=post.role, area_id=post.area_id, area_path=post.area.path if post.area else "",
            abilities=sets.get(post.role, frozenset()),
        )
        for post in held
    )  # fmt: skip
    return Actor(kind="person", person_id=person_id, user_id=user_id, duties=duties)


def actor_for_user(*, user: Any, at: datetime, seen_by: Actor = ANYONE) -> Actor:
    """Return a log-in as an actor; one without a person acts without posts."""
    if user.person_id is None:
        return Actor(kind="person", user_id=user.pk)
    return actor_for_person(seen_by=seen_by, person_id=user.person_id, at=at, user_id=user.pk)
