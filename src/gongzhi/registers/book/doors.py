"""The way in to the book on the desk."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.doors import Door, hang
from gongzhi.registers.book import rules

hang("desk:town", Door(key="book", title=_("Book"), url="/book/", icon="scale", may=rules.may_see_book, rank=60))
