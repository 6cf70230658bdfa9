"""A way to the interface from the environment's home."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang

hang("environment", Door(key="sensorthings", title=_("Open interface"), text=_("Readings for programs: OGC SensorThings 1.1"), url="/stations/sensorthings/",
                         icon="plug", rank=90))  # fmt: skip
