from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned


class InfoRequest(TownOwned):
    """What a request for information brings besides its case 政府信息公开申请 (政府信息公开条例 arts 29, 31)."""

    class Channel(models.TextChoices):
        ONLINE = "online", "网上提交"
        IN_PERSON = "in_person", "当面提交"
        REGISTERED = "registered", "挂号信、特快专递"
        POST = "post", "平常信函"

    class Form(models.TextChoices):
        FILE = "file", "电子文件"
        PAPER = "paper", "纸质"
        LOOK = "look", "当场查阅"

    CHANNEL_WORDS: dict[str, Any] = {
        "online": _("online"), "in_person": _("in person"), "registered": _("by registered mail"), "post": _("by ordinary mail"),
    }  # fmt: skip
    FORM_WORDS: dict[str, Any] = {"file": _("as a file"), "paper": _("on paper"), "look": _("to look at it here")}

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.ONLINE)
    form = models.CharField(max_length=6, choices=Form, default=Form.FILE)
    received_on = models.DateField(null=True, blank=True, help_text="the day from which the law counts")

    def __str__(self) -> str:
        return f"{self.case_id}"

    @property
    def channel_word(self) -> Any:
        return self.CHANNEL_WORDS[self.channel]

    @property
    def form_word(self) -> Any:
        return self.FORM_WORDS[self.form]
