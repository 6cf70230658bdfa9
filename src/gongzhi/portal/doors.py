"""The town's own way in on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.portal import rules


def _told(actor: Actor, at: datetime) -> Told | None:
    return Told(territory.town(seen_by=actor).name)


hang("administration", Door(
    key="town", title=_("Town and its rules"), text=_("Names, hosts, dispatch, sign-in, gateway, terms of keeping"), url="/administration/town/",
    icon="landmark", may=rules.may_administer, told=_told, rank=10,
))  # fmt: skip
