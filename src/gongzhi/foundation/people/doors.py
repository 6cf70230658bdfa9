"""The ways in of log-ins, erasure and keys on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.people import queries, rules
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _logins(actor: Actor, at: datetime) -> Told | None:
    n = queries.logins(seen_by=actor).filter(is_active=True).count()
    return Told(ngettext("%(n)d log-in of staff", "%(n)d log-ins of staff", n) % {"n": n})


def _joint(actor: Actor, at: datetime) -> Told | None:
    n = queries.joint_requests(seen_by=actor, at=at).count()
    return Told(ngettext("%(n)d waits for a second person", "%(n)d wait for a second person", n) % {"n": n}, "warn") if n else None


def _erasures(actor: Actor, at: datetime) -> Told | None:
    n = queries.erasures(seen_by=actor, open_only=True).count()
    return Told(ngettext("%(n)d request runs", "%(n)d requests run", n) % {"n": n}, "warn") if n else None


hang("administration", Door(
    key="logins", title=_("Log-ins"), text=_("Make, lock, unlock; passwords and second factors anew; sign out everywhere"), url="/administration/logins/",
    icon="users", may=rules.may_see_logins, told=_logins, rank=35,
))  # fmt: skip
hang("administration", Door(
    key="erasures", title=_("Erasure"), text=_("Requests that personal details be erased"), url="/administration/erasures/", icon="trash-2",
    may=rules.may_decide_erasure, told=_erasures, rank=80,
))  # fmt: skip
hang("administration", Door(
    key="keys", title=_("Keys"), text=_("Which key seals personal fields, and which may be taken away"), url="/administration/keys/", icon="key",
    may=rules.may_see_logins, rank=90,
))  # fmt: skip
hang("administration", Door(
    key="joint", title=_("Acts of two"), text=_("Posts, roles and passwords that wait for a second person"), url="/administration/joint/", icon="users",
    may=rules.may_see_joint_acts, told=_joint, rank=44,
))  # fmt: skip
