from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from gongzhi.kernel.tables import TownOwned


class Role(models.TextChoices):
    """What a post makes of its holder. Rules ask abilities (`kernel.abilities`), never roles."""

    RESIDENT = "resident", "居民"
    ENTERPRISE_CONTACT = "enterprise_contact", "企业联系人"
    GRID_WORKER = "grid_worker", "网格员"
    STATION_OFFICER = "station_officer", "站所经办"
    DEPARTMENT_OFFICER = "department_officer", "部门经办"
    DISPATCHER = "dispatcher", "指挥调度"
    SUPERVISOR = "supervisor", "监督"
    COMMITTEE_MEMBER = "committee_member", "管委会成员"
    STEWARD = "steward", "小镇管家"
    OPERATOR_STAFF = "operator_staff", "运营商人员"
    COUNCIL_MEMBER = "council_member", "自治委员"
    AUDITOR = "auditor", "审计"
    ADMINISTRATOR = "administrator", "系统管理员"


class OrganQuerySet(models.QuerySet["Organ"]):
    def visible_to(self, actor: Any) -> "OrganQuerySet":
        """Return all. Whoever asks: who is responsible is public."""
        return self


class Organ(TownOwned):
    """A body that can be responsible 机构. Tree-shaped."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", "管委会"
        DEPARTMENT = "department", "职能部门"
        SUBDISTRICT = "subdistrict", "街道办"
        STATION = "station", "社区工作站"
        STEWARDS = "stewards", "小镇管家"
        OPERATOR = "operator", "运营服务商"
        COUNCIL = "council", "自治委员会"
        ENTERPRISE = "enterprise", "企业"
        SOCIAL = "social", "社会组织"
        SUPERIOR = "superior", "上级政府"

    kind = models.CharField(max_length=12, choices=Kind)
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    duty_phone = models.CharField(max_length=40, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = OrganQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="one_organ_per_code")]

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, actor: Any) -> "PostQuerySet":
        """Return all. Whoever asks: who holds which post is public; people stand there by their public names."""
        return self

    def held_on(self, day: date) -> "PostQuerySet":
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class Post(TownOwned):
    """Person × organ × role × area × dates 岗位."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    organ = models.ForeignKey(Organ, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=40, blank=True, help_text="what others read, such as 经办岗 03")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "person"], name="post_person"),
            models.Index(fields=["town", "organ", "role"], name="post_organ"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="post_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.title or self.get_role_display()


class RoleChange(TownOwned):
    """What a town's role may do beyond what it is shipped with, or not 角色权限. A role without a row is as shipped."""

    role = models.CharField(max_length=20, choices=Role)
    added = models.JSONField(default=list)
    removed = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "role"], name="one_change_per_role")]

    def __str__(self) -> str:
        return self.role
