from django.db import models
from django.db.models import Q

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned


class EnquiryQuerySet(models.QuerySet["Enquiry"]):
    def visible_to(self, actor: Actor) -> "EnquiryQuerySet":
        """Return those that are public; private ones are found by their case, for whoever may see that."""
        return self if actor.is_clock or actor.kind == "system" else self.filter(is_private=False)


class Enquiry(TownOwned):
    """What a question to the town brings besides its case 咨询."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, related_name="+", help_text="whom it was asked")
    policy = models.ForeignKey("policies.Policy", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="of which policy it was asked")
    is_private = models.BooleanField(default=False, help_text="answered to whoever asked alone")
    offered = models.PositiveSmallIntegerField(default=0, help_text="how many likely answers were shown before it was sent")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="when it was answered first")

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "enquiries"
        indexes = [models.Index(fields=["town", "-answered_at", "-id"], name="enquiry_answered", condition=Q(is_private=False, answered_at__isnull=False))]

    def __str__(self) -> str:
        return f"{self.case_id}"
