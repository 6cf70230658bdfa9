"""Asking, requesting and the statutory list, in the navigation of everybody and on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.service_line.openness import rules

hang("public:open", Door(key="enquiries", title=_("Ask the town"), url="/enquiries/", icon="circle-help", rank=14))
hang("public:open", Door(key="disclosure", title=_("Statutory list"), url="/disclosure/", icon="list", rank=16))
hang("public:open", Door(key="requests", title=_("Request information"), url="/requests/", icon="file-text", rank=17))
hang("desk:service", Door(key="disclosure", title=_("Statutory list"), url="/disclosure/", icon="list", may=rules.may_publish_any, rank=40))
