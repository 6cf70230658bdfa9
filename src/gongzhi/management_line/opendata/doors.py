"""The way to open data from the environment's home."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang

hang("environment", Door(
    key="opendata", title=_("Open data"), text=_("Every station as CSV, and a catalogue for other portals"), url="/opendata/", icon="download",
    rooms=("air", "water", "noise"), rank=90,
))  # fmt: skip
hang("public:open", Door(key="opendata", title=_("Open data"), url="/opendata/", icon="download", rank=60))
