"""Stations for everybody, devices on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.cases.rules import may_use_desk
from gongzhi.kernel.doors import Door, hang

hang("public:open", Door(key="stations", title=_("Monitoring stations"), url="/stations/", icon="radio-tower", rank=55))
hang("desk:management", Door(key="stations", title=_("Monitoring stations"), url="/stations/", icon="radio-tower", rank=20))
hang("desk:management", Door(key="devices", title=_("Devices"), url="/stations/devices/", icon="activity", may=may_use_desk, rank=30))
