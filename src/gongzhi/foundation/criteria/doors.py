"""The way in to criteria on the administration's home."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.foundation.criteria import queries, rules
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang


def _told(actor: Actor, at: datetime) -> Told | None:
    count = queries.criteria(seen_by=actor).count()
    return Told(ngettext("%(n)s criterion", "%(n)s criteria", count) % {"n": count})


hang("administration", Door(
    key="criteria", title=_("Criteria"), text=_("Who meets what: conditions of benefits and policies, tried before they are adopted"),
    url="/administration/criteria/", icon="list-checks", may=rules.may_draft, told=_told, rank=55,
))  # fmt: skip
hang("public:open", Door(key="criteria", title=_("Who meets what"), url="/criteria/", icon="list-checks", rank=47))
