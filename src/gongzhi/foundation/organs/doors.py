"""The ways in of organs and posts on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.organs import queries, rules
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _organs(actor: Actor, at: datetime) -> Told | None:
    n = queries.organs(seen_by=actor).count()
    return Told(ngettext("%(n)d organ", "%(n)d organs", n) % {"n": n})


def _posts(actor: Actor, at: datetime) -> Told | None:
    n = queries.posts(seen_by=actor, on=territory.day_of(seen_by=actor, at=at)).count()
    return Told(ngettext("%(n)d post held", "%(n)d posts held", n) % {"n": n}, "" if n else "warn")


hang("administration", Door(
    key="organs", title=_("Organs"), text=_("Committee, departments, stations, firms; who stands under whom"), url="/administration/organs/", icon="network",
    may=rules.may_define_organs, told=_organs, rank=30,
))  # fmt: skip
hang("administration", Door(
    key="posts", title=_("Posts"), text=_("Who serves where, as what, for which area, from when until when"), url="/administration/posts/", icon="user-check",
    may=rules.may_give_posts, told=_posts, rank=40,
))  # fmt: skip
hang("administration", Door(
    key="roles", title=_("Roles"), text=_("What each role may do in this town"), url="/administration/roles/", icon="shield",
    may=rules.may_change_roles, rank=42,
))  # fmt: skip
