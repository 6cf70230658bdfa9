"""The way to the registers in the desk's sidebar."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.registers.record import rules

hang("desk:town", Door(key="registers", title=_("Registers"), url="/registers/", icon="book-open-check", may=rules.may_use_registers, rank=25))
