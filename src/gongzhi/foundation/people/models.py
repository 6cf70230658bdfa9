"""Tables of people and log-ins. `SEALED` of a model names its sealed columns and the field bound into each (`sealing`)."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words


class Person(TownOwned):
    """A natural person 人员 the town deals with: resident, migrant worker, officer. Personal fields are encrypted."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "居民"
        MIGRANT = "migrant", "外来务工者"
        STAFF = "staff", "工作人员"
        ENTERPRISE = "enterprise", "企业联系人"

    SEALED: ClassVar[dict[str, str]] = {"name_sealed": "name", "phone_sealed": "phone", "identity_sealed": "identity"}

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.RESIDENT)
    public_name = models.CharField(max_length=40, help_text="what others may read: a post for staff (经办岗 03), a masked name for residents")
    name_sealed = models.BinaryField(default=b"", blank=True)
    phone_sealed = models.BinaryField(default=b"", blank=True)
    identity_sealed = models.BinaryField(default=b"", blank=True)
    phone_hash = models.BinaryField(default=b"", blank=True, help_text="keyed hash, to find a person by phone without opening it")
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=10, blank=True)
    phone_proved_at = models.DateTimeField(null=True, blank=True, help_text="when the person typed a code that was sent to the number")
    registered_at = models.DateTimeField(null=True, blank=True, help_text="from when the term of what is kept runs at the earliest")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "phone_hash"], name="person_phone"),
            models.Index(fields=["town", "kind", "registered_at"], name="person_term", condition=models.Q(erased_at__isnull=True)),
        ]

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
    session_version = models.PositiveIntegerField(default=0, help_text="counts up to end every session of the log-in")
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_staff = False
    is_superuser = False

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "username"], name="one_user_name_per_town")]

    def __str__(self) -> str:
        return self.username

    def get_session_auth_hash(self) -> str:
        """Return what a session must hold to be one of this log-in: it changes with the password and when sessions are ended."""
        own = super().get_session_auth_hash()
        return f"{own}.{self.session_version}" if self.session_version else own

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False  # code asks rules, never Django permissions

    def has_module_perms(self, app_label: str) -> bool:
        return False


class Session(TownOwned, AbstractBaseSession):
    """What the pages remember of a browser 会话, kept by `sessions.SessionStore`."""

    class Meta(AbstractBaseSession.Meta):
        abstract = False


class SealedLook(TownOwned):
    """A look at somebody's sealed field 查看记录: who, at what, for what. The ledger holds a hash of the purpose only."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    field = models.CharField(max_length=12)
    purpose = models.CharField(max_length=200)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "person", "-at"], name="sealed_look_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field}"


class Attempt(TownOwned):
    """Tries 登录尝试 counted by a name at an address or on a device, by the name and by the address, all kept as keyed hashes; too many make one wait."""

    of = models.BinaryField(help_text="keyed hash of what is counted")
    name = models.BinaryField(default=b"", blank=True, help_text="keyed hash of the name it belongs to, empty where it belongs to none")
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()
    wait_until = models.DateTimeField(null=True, blank=True)
    passed_at = models.DateTimeField(null=True, blank=True, help_text="when the name came in from this address last")

    class Meta:
        indexes = [models.Index(fields=["town", "name"], name="attempt_name"), models.Index(fields=["town", "last_at"], name="attempt_last")]
        constraints = [models.UniqueConstraint(fields=["town", "of"], name="one_row_per_name_or_address")]

    def __str__(self) -> str:
        return f"{self.failures}"


class SecondFactor(TownOwned):
    """A second factor 二次验证: time codes of RFC 6238. The secret is sealed; `last_step` refuses a code used before."""

    SEALED: ClassVar[dict[str, str]] = {"sealed_secret": "totp"}

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="second_factor")
    sealed_secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}"

    @property
    def is_on(self) -> bool:
        return self.confirmed_at is not None


class RecoveryCode(TownOwned):
    """A code for once 恢复码, for whoever has lost the telephone. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    code_hash = models.BinaryField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "user", "code_hash"], name="one_recovery_code")]

    def __str__(self) -> str:
        return f"{self.user_id}"


class OutsideIdentity(TownOwned):
    """Who somebody is at an OpenID provider 外部身份, by which they sign in here."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issuer = models.CharField(max_length=200)
    identity = models.CharField(max_length=200, help_text="the provider's `sub`")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "issuer", "identity"], name="one_user_per_identity")]

    def __str__(self) -> str:
        return f"{self.issuer}: {self.user_id}"


class ApiToken(TownOwned):
    """A token by which a program acts for a person 访问令牌. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)
    token_hash = models.BinaryField()
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "token_hash"], name="one_token_per_hash")]

    def __str__(self) -> str:
        return self.title

    def holds(self, at: Any) -> bool:
        """Return whether the token may be used at the moment."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class PhoneCode(TownOwned):
    """A code sent to a telephone number to prove that the person has it 短信验证码. Only its hash is kept; it is sealed until it has gone out."""

    SEALED: ClassVar[dict[str, str]] = {"sealed_code": "phone-code"}

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    phone_hash = models.BinaryField(help_text="of the number it went to; another number needs another code")
    code_hash = models.BinaryField()
    sealed_code = models.BinaryField(default=b"", blank=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["town", "person", "-made_at"], name="phone_code_person"),
            models.Index(fields=["town", "phone_hash", "-made_at"], name="phone_code_number"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}"

    def is_open(self, at: Any) -> bool:
        """Return whether the code may still be typed."""
        return self.used_at is None and at < self.expires_at


class ErasureRequest(HasState, TownOwned):
    """A person's wish that their details be erased 个人信息删除申请: it waits for a cooling-off period, for a decision where the town wants one,
    and for the end of what still needs the person.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "冷静期"
        APPROVED = "approved", "同意删除"
        DECLINED = "declined", "不予删除"
        WITHDRAWN = "withdrawn", "已撤回"
        DONE = "done", "已删除"

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "waiting": (_("waiting"), "work", "clock"),
        "approved": (_("approved"), "work", "check"),
        "declined": (_("declined"), "stop", "ban"),
        "withdrawn": (_("withdrawn"), "stop", "undo-2"),
        "done": (_("erased"), "done", "circle-check"),
    }

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="end of the cooling-off period")
    needs_decision = models.BooleanField(default=False, help_text="as the town's rules said when it was asked")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    ground = models.CharField(max_length=300, blank=True, help_text="why it was declined, with the clause")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "person"], condition=models.Q(state__in=["waiting", "approved"]), name="one_open_erasure_per_person"),
        ]
        indexes = [models.Index(fields=["town", "state", "due_at"], name="erasure_state")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.APPROVED)

    @property
    def is_declined(self) -> bool:
        return self.state == self.State.DECLINED

    @property
    def waits_for_decision(self) -> bool:
        return self.state == self.State.WAITING and self.needs_decision


class HashKey(TownOwned):
    """A key of hashes that outlives its field key 散列密钥, sealed. One named "before", empty, marks a town from before such keys."""

    SEALED: ClassVar[dict[str, str]] = {"sealed_secret": "hash-key"}

    name = models.CharField(max_length=40, help_text="the field key it belongs to, by its name")
    sealed_secret = models.BinaryField(default=b"", blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "name"], name="one_hash_key_per_name")]

    def __str__(self) -> str:
        return self.name


class JointRequest(TownOwned):
    """An act that takes two people 双人办理: who asked for it, whom it is about, who confirmed or declined it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待复核"
        DONE = "done", "已办"
        DECLINED = "declined", "未同意"

    act = models.CharField(max_length=30)
    content = models.JSONField(help_text="ids and small words, never personal text")
    concerns = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["town", "state", "-asked_at"], name="joint_state")]

    def __str__(self) -> str:
        return f"{self.act} {self.state}"
