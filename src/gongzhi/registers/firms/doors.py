"""The way in of the firms' register on the home of the registers."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.registers.firms import rules

hang("register-home", Door(key="firms", title=_("Firms"), url="/registers/firms/", icon="building-2", may=rules.may_use_firms, rank=30))
