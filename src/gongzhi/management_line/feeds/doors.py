"""Feeds and files of readings, on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.management_line.feeds import rules

hang("desk:management", Door(key="feeds", title=_("MQTT feeds"), url="/stations/feeds/", icon="radio", may=rules.may_look_at, rank=40))
hang("desk:management", Door(key="import", title=_("Import readings"), url="/stations/import/", icon="file-up", may=rules.may_import, rank=50))
