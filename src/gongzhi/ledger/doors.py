"""The way to the public ledger, for everybody and from the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang

for _place in ("public:open", "desk:town"):
    hang(_place, Door(key="ledger", title=_("Public ledger"), url="/ledger/", icon="stamp", rank=70))
