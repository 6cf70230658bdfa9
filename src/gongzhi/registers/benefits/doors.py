"""The ways in to benefits: for everybody, for firms, on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, hang
from gongzhi.registers.benefits import rules

hang("public:open", Door(
    key="benefits", title=_("Benefits"), text=_("What the town gives to firms and residents, and who gets it"), url="/benefits/", icon="hand", rank=46,
))  # fmt: skip


def _is_firm(actor: Actor) -> bool:
    return actor.serves_as("enterprise_contact")


hang("firm", Door(key="benefits", title=_("Benefits for the firm"), text=_("What it is entitled to, and what is missing"), url="/benefits/own/", icon="hand",
                  may=_is_firm, rank=20))  # fmt: skip
hang("desk:service", Door(key="benefits", title=_("Benefits"), url="/desk/benefits/", icon="hand", may=rules.may_see_all_found, rank=30))
