"""The ways in to checking papers and to one's own."""

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers import rules
from gongzhi.kernel.doors import Door, hang

hang("public:open", Door(key="check", title=_("Check a paper"), url="/check/", icon="shield-check", rank=60))
hang("public:mine", Door(key="papers", title=_("My papers"), url="/papers/", icon="scroll-text", may=rules.may_read, rank=40))
hang("desk:work", Door(key="papers", title=_("Papers issued"), url="/papers/?part=issued", icon="scroll-text", may=rules.may_read_issued, rank=80))
