"""Reporting, in the navigation of everybody."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang

hang("public", Door(key="report", title=_("Report"), url="/report/", icon="camera", rank=20))
hang("public:report", Door(key="report", title=_("Report something"), url="/report/", icon="camera", rank=10))
