"""The way to the archive from the environment's home."""

from datetime import datetime

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.doors import Door, Told, hang
from gongzhi.management_line.archive import queries, rules


def _files(actor: Actor, at: datetime) -> Told:
    found = queries.summary(seen_by=actor)
    if found.damaged:
        return Told(ngettext("%(n)d file damaged", "%(n)d files damaged", found.damaged) % {"n": found.damaged}, "late")
    if not found.files:
        return Told(_now("all still in the database"))
    return Told(ngettext("%(n)d file, whole", "%(n)d files, whole", found.files) % {"n": found.files}, "ok")


hang("environment", Door(
    key="archive", title=_("Archive of readings"), text=_("What has left the database for files, and whether it is whole"), url="/stations/archive/",
    icon="archive", may=rules.may_look_at, told=_files, rank=95,
))  # fmt: skip
