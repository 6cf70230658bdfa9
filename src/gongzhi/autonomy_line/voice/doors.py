"""Conversations, in the navigation of everybody and on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.autonomy_line.voice import rules
from gongzhi.kernel.doors import Door, hang

hang("public", Door(key="self", title=_("Self-governance"), url="/voice/", icon="users", rank=40))
hang("public:self", Door(key="voice", title=_("Speak up"), url="/voice/", icon="message-square", rank=10))
hang("desk:self", Door(key="voice", title=_("Conversations"), url="/voice/desk/", icon="message-square", may=rules.may_lead, rank=10))
