"""Policies and drafts, in the navigation of everybody and on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.service_line.policies import rules

hang("public:open", Door(key="policies", title=_("Policies"), url="/policies/", icon="scroll-text", rank=12))
hang("public:open", Door(key="consultations", title=_("Drafts and opinions"), url="/consultations/", icon="message-square", rank=18))
hang("desk:service", Door(key="policies", title=_("Policies and drafts"), url="/policies/desk/", icon="scroll-text", may=rules.may_prepare, rank=30))
hang("criterion", Door(key="policies", title=_("Policies that it rests on"), url="/policies/of/criterion/{code}/", icon="scroll-text", rank=10))
