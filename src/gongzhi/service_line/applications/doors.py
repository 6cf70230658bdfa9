"""Ways to matters: the navigation of everybody, the open figures, the desk, one's own account, the firm's home."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, hang
from gongzhi.service_line.applications import rules


def _signed_in(actor: Actor) -> bool:
    return actor.person_id is not None


hang("public", Door(key="serve", title=_("Matters"), url="/matters/", icon="file-text", rank=10))
hang("public:serve", Door(key="matters", title=_("All matters"), url="/matters/", icon="file-text", rank=10))
hang("public:serve", Door(key="own", title=_("My applications"), url="/matters/mine/", icon="inbox", may=_signed_in, rank=20))
hang("public:open", Door(key="matters", title=_("How matters are handled"), url="/open/matters/", icon="activity", rank=15))
hang("desk:service", Door(key="applications", title=_("Applications"), url="/desk/?kind=application", icon="file-text", may=rules.may_see_drafts, rank=10))
hang("desk:service", Door(key="made", title=_("Matters of the town"), url="/matters/made/", icon="list", may=rules.may_see_drafts, rank=20))
hang("firm", Door(key="matters", title=_("Apply for something"), text=_("Permits, registrations and filings, filled in with what the town holds already"),
                  url="/matters/?applicant=firm", icon="file-text", rank=5))  # fmt: skip
