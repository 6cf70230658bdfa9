from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from gongzhi.kernel.tables import TownOwned


class Person(TownOwned):
    """A natural person 人员 the town deals with: resident, migrant worker, officer. Personal fields are encrypted."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "居民"
        MIGRANT = "migrant", "外来务工者"
        STAFF = "staff", "工作人员"
        ENTERPRISE = "enterprise", "企业联系人"

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.RESIDENT)
    public_name = models.CharField(max_length=40, help_text="what others may read: a post for staff (经办岗 03), a masked name for residents")
    name_sealed = models.BinaryField(default=b"", blank=True)
    phone_sealed = models.BinaryField(default=b"", blank=True)
    identity_sealed = models.BinaryField(default=b"", blank=True)
    phone_hash = models.BinaryField(default=b"", blank=True, help_text="keyed hash, to find a person by phone without opening it")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["town", "phone_hash"], name="person_phone")]

    def __str__(self) -> str:
        return self.public_name


class UserManager(BaseUserManager["User"]):
    """Django asks for one; it writes nothing. Log-ins are made by operations."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(TownOwned, AbstractBaseUser):
    """A log-in 账号. Names are unique within a town; row-level security shows each town its own."""

    username = models.CharField(max_length=60)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    must_use_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    is_staff = False
    is_superuser = False

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "username"], name="one_user_name_per_town")]

    def __str__(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False  # code asks rules, never Django permissions

    def has_module_perms(self, app_label: str) -> bool:
        return False
