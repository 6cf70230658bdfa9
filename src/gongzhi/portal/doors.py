"""The town's own way in on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people.rules import may_see_logins
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

# The navigation of everybody 办事 · 报事 · 公开 · 自治 · 企业 · 我的: here stand those that lead to pages of this module; the others are hung by
# whoever has a page to lead to, so that no entry leads nowhere.
hang("public", Door(key="open", title=_("Open"), url="/open/", icon="chart-column", rank=30))
hang("public", Door(key="firm", title=_("Firms"), url="/firm/", icon="building-2", may=rules.may_use_firm_home, rank=50))
hang("public", Door(key="mine", title=_("Mine"), url="/account/", icon="user", rank=60, also=("/sign-in/", "/notices/")))
hang("public:open", Door(key="figures", title=_("Open figures"), url="/open/", icon="chart-column", rank=10))
hang("public:open", Door(key="map", title=_("Map"), url="/map/", icon="map", rank=20))
hang("desk:town", Door(key="map", title=_("Map"), url="/map/", icon="map", rank=10))
hang("desk:town", Door(key="cockpit", title=_("Command screen"), url="/cockpit/", icon="activity", may=rules.may_use_cockpit, rank=20))
hang("desk:town", Door(key="field", title=_("Field app"), url="/field/", icon="smartphone", may=rules.may_use_field, rank=30))
for _rank, (_key, _title, _url, _icon, _may, _also) in enumerate((
    ("home", _("Administration"), "/administration/", "settings", rules.may_administer, ("/categories/", "/procedures/")),
    ("areas", _("Areas and boundaries"), "/administration/areas/", "layers", rules.may_administer, ()),
    ("organs", _("Organs"), "/administration/organs/", "network", rules.may_administer, ()),
    ("posts", _("Posts"), "/administration/posts/", "user-check", rules.may_administer, ()),
    ("logins", _("Log-ins"), "/administration/logins/", "users", may_see_logins, ()),
)):
    hang("desk:settings", Door(key=_key, title=_title, url=_url, icon=_icon, may=_may, also=_also, rank=_rank))
