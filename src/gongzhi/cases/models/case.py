from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases.lifecycle import OPEN_STATES, Act, State
from gongzhi.cases.models.catalogue import Category, Life, Procedure, Responsibility
from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState

if TYPE_CHECKING:
    from gongzhi.cases.models.clocks import Clock

# state → (word, chip of the design system, icon): the one place that maps the case states to the seven chips
STATE_WORDS: dict[str, tuple[Any, str, str]] = {
    State.DRAFT: (_("Draft"), "open", "circle-dot"),
    State.OPENED: (_("Opened"), "open", "circle-dot"),
    State.ASSIGNED: (_("Assigned"), "open", "send"),
    State.IN_HAND: (_("In hand"), "work", "hammer"),
    State.ANSWERED: (_("Handled"), "done", "send"),
    State.VERIFIED: (_("Verified"), "ok", "circle-check"),
    State.CLOSED: (_("Closed"), "ok", "circle-check"),
    State.SUSPENDED: (_("Clock stopped"), "stop", "circle-pause"),
    State.RETURNED: (_("Returned"), "warn", "undo-2"),
    State.REJECTED: (_("Not accepted"), "stop", "circle-x"),
    State.WITHDRAWN: (_("Withdrawn"), "stop", "undo-2"),
    State.MERGED: (_("Merged"), "stop", "git-merge"),
    State.REOPENED: (_("Reopened"), "warn", "rotate-ccw"),
}

# act → (words in the timeline, chip, icon)
ACT_WORDS: dict[str, tuple[Any, str, str]] = {
    Act.OPEN: (_("Case opened"), "open", "circle-dot"),
    Act.ASSIGN: (_("Assigned"), "open", "send"),
    Act.ACCEPT: (_("Work begun"), "work", "hammer"),
    Act.RETURN: (_("Returned"), "warn", "undo-2"),
    Act.SETTLE: (_("Responsibility settled"), "work", "scale"),
    Act.SUSPEND: (_("Clock stopped"), "stop", "circle-pause"),
    Act.RESUME: (_("Clock runs again"), "stop", "play"),
    Act.EXTEND: (_("Time extended"), "stop", "clock"),
    Act.ANSWER: (_("Result reported"), "done", "send"),
    Act.VERIFY_PASS: (_("Checked: solved"), "ok", "circle-check"),
    Act.VERIFY_FAIL: (_("Checked: not solved"), "warn", "circle-x"),
    Act.CLOSE: (_("Case closed"), "ok", "stamp"),
    Act.CLOSE_UNVERIFIED: (_("Closed without a check"), "warn", "stamp"),
    Act.REOPEN: (_("Reopened"), "warn", "rotate-ccw"),
    Act.REJECT: (_("Not accepted"), "stop", "circle-x"),
    Act.WITHDRAW: (_("Withdrawn"), "stop", "undo-2"),
    Act.MERGE: (_("Merged into another case"), "stop", "git-merge"),
    Act.REFER: (_("Referred"), "stop", "arrow-right"),
    Act.JOIN: (_("Asked to join"), "open", "users"),
    Act.JOIN_ANSWER: (_("Joined unit reported"), "ok", "circle-check"),
    Act.NOTE: (_("Note"), "open", "message-square"),
    Act.URGE: (_("Urged"), "warn", "bell"),
    Act.RATE: (_("Rated"), "ok", "star"),
    Act.FOLLOW_UP: (_("Follow-up"), "work", "phone"),
    Act.WARN: (_("Three quarters of the time are used"), "warn", "clock"),
    Act.OVERDUE: (_("Overdue"), "late", "triangle-alert"),
    Act.RAISE_SEVERITY: (_("Severity raised"), "warn", "triangle-alert"),
    Act.MOVE_PROCEDURE: (_("Moved to another version of the procedure"), "open", "arrow-right"),
    Act.RECLASSIFY: (_("Category changed"), "open", "list-filter"),
    Act.FOLLOW: (_("Another person follows"), "open", "users"),
    Act.TAKE_BACK: (_("Assignment taken back"), "warn", "undo-2"),
    Act.DECIDE: (_("Decided"), "done", "stamp"),
    Act.JOINED: (_("All tasks of this stage are done"), "ok", "circle-check"),
    Act.JOIN_RETURN: (_("Task returned"), "warn", "undo-2"),
    Act.JOIN_STOP: (_("Clock of a task stopped"), "stop", "circle-pause"),
    Act.JOIN_RESUME: (_("Clock of a task runs again"), "stop", "play"),
    Act.PARTY: (_("Somebody joined or left this case"), "open", "users"),
}

# acts of kinds → the same, told by those who register them
KIND_ACT_WORDS: dict[str, tuple[Any, str, str]] = {}
RESULT_CHIPS = {"positive": "ok", "partly": "ok", "negative": "stop", "neutral": "done"}


def slug_of(year: int, serial: int) -> str:
    """Return the part of the address that names a case."""
    return f"{year}-{serial:05d}"


class CaseCounter(TownOwned):
    """The next number of a year. Its row is locked for the few statements between numbering and commit."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "year"], name="one_counter_per_year")]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


def counted_visibilities(actor: Actor) -> list[str]:
    """Return of which visibilities cases are counted in the figures that this actor reads."""
    if actor.is_clock or actor.kind == "system":
        return [str(value) for value in Case.Visibility.values]
    told = [Case.Visibility.PUBLIC.value]
    return [*told, Case.Visibility.PARTIES.value] if actor.can("may_see_town_cases") else told


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """Return the cases this actor may see: the one scope of every list, count, export, notice, stream and figure.

        Staff with a town-wide view see all but restricted ones of others; units see what they lead, hold or join and
        what is public; a grid worker sees the cases of their area; everybody sees public cases and their own. Following
        a case opens nothing that is not public. `Case.is_visible_to` says the same of one case.
        """
        if actor.is_clock or actor.kind == "system":
            return self
        may: Any = Q(visibility=Case.Visibility.PUBLIC)
        if actor.person_id:
            may |= Q(raised_by_id=actor.person_id) | Q(followers__contains=[actor.person_id])
        if actor.case_ids:
            may |= Q(pk__in=actor.case_ids) & Exists(self._raised_by_codes(actor).filter(case=OuterRef("pk")))
        if actor.duties:
            may |= Q(involved__overlap=sorted(actor.organ_ids)) | Q(raised_for_id__in=sorted(actor.organ_ids))
            if actor.can("may_see_town_cases"):
                may |= Q(visibility__in=[Case.Visibility.PARTIES, Case.Visibility.PUBLIC])
            for duty in actor.duties:
                if duty.area_path and duty.can("may_see_area_cases"):
                    may |= Q(visibility=Case.Visibility.PARTIES, area_path=duty.area_path)
                    may |= Q(visibility=Case.Visibility.PARTIES, area_path__startswith=duty.area_path + ".")
        return self.filter(may)

    def taken_part_in_by(self, actor: Actor) -> "CaseQuerySet":
        """Return the cases that this actor raised or may look into: whose papers are theirs to read. A public case opens none to others."""
        if actor.is_clock or actor.kind == "system":
            return self
        part: Any = Q(pk__in=[])
        if actor.person_id:
            part |= Q(raised_by_id=actor.person_id)
        if actor.case_ids:
            part |= Q(pk__in=actor.case_ids) & Exists(self._raised_by_codes(actor).filter(case=OuterRef("pk")))
        inside = sorted({duty.organ_id for duty in actor.duties if duty.can("may_read_internal_notes")})
        if inside:
            part |= Q(involved__overlap=inside)
        if actor.can("may_see_town_cases"):
            part |= Q(visibility__in=[Case.Visibility.PARTIES, Case.Visibility.PUBLIC])
        return self.visible_to(actor).filter(part)

    @staticmethod
    def _raised_by_codes(actor: Actor) -> models.QuerySet[Any]:
        """Return the parties as which follow codes opened cases to this actor, those that raised them."""
        parties: Any = Case._meta.get_field("parties").related_model
        return parties._base_manager.filter(pk__in=actor.party_ids).exclude(via=parties.Via.FOLLOWS)  # type: ignore[no-any-return]

    def counted_for(self, actor: Actor) -> "CaseQuerySet":
        """Return the cases that figures tell this actor of: never one they may not see.

        Narrower than `visible_to`, so that all readers of one sort read the same numbers, whatever they raised or joined.
        """
        if actor.is_clock or actor.kind == "system":
            return self
        return self.filter(visibility__in=counted_visibilities(actor))

    def open(self) -> "CaseQuerySet":
        return self.filter(state__in=[state.value for state in OPEN_STATES])

    def overdue(self) -> "CaseQuerySet":
        return self.filter(overdue_at__isnull=False)


class Case(HasState, TownOwned):
    """A case 事项: a need in the closed loop.

    Every index is paid for at each intake and act: there is one for each thing that lists ask, beginning with the town, in the
    order of lists; foreign keys have none of their own. What only some cases have (and none at intake) is indexed for those alone.
    """

    STATE_WORDS = STATE_WORDS
    town = models.ForeignKey("territory.Town", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Visibility(models.TextChoices):
        PUBLIC = "public", "公开"
        PARTIES = "parties", "当事人"
        RESTRICTED = "restricted", "限制"

    class Origin(models.TextChoices):
        RESIDENT = "resident", "居民"
        ENTERPRISE = "enterprise", "企业"
        PATROL = "patrol", "网格巡查"
        HOTLINE = "hotline", "热线"
        DEVICE = "device", "感知"
        SUPERIOR = "superior", "上级"
        OTHER_SYSTEM = "other_system", "其他系统"
        REFERRAL = "referral", "转办"
        IMPORT = "import", "导入"

    number = models.CharField(max_length=40, help_text="readable, such as 云溪报〔2026〕01847")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.CharField(max_length=30)
    line = models.CharField(max_length=12)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    life = models.CharField(max_length=8, choices=Life, blank=True)
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)

    origin = models.CharField(max_length=14, choices=Origin)
    raised_by = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    raised_for = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    device_id = models.BigIntegerField(null=True, blank=True)
    origin_ref = models.CharField(max_length=120, blank=True, help_text="the other system's own reference")
    submission_key = models.CharField(max_length=80, null=True, blank=True, help_text="the same key gives the same case")
    followers = ArrayField(models.BigIntegerField(), default=list, blank=True)

    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    address = models.CharField(max_length=200, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    area_path = models.CharField(max_length=200, blank=True)
    unlocated = models.BooleanField(default=False, help_text="a point was given and lies in no grid")

    severity = models.SmallIntegerField(choices=Category.Severity, default=Category.Severity.ORDINARY)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.PUBLIC)
    state = models.CharField(max_length=12, default=State.OPENED.value)
    stage = models.CharField(max_length=30, blank=True)
    stage_since = models.DateTimeField(null=True, blank=True)
    waits_for = models.CharField(max_length=14, blank=True, help_text="role of the party that must act now; empty where an organ must")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    responsibility = models.ForeignKey(Responsibility, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    lead = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    holder = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                               help_text="the one organ that must act now")  # fmt: skip
    handler = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    involved = ArrayField(models.BigIntegerField(), default=list, blank=True, help_text="organs that lead, hold or join")

    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, help_text="of the case clock; moved by acts only")
    next_due_at = models.DateTimeField(null=True, blank=True, help_text="of whatever clock the holder is on")
    warned_at = models.DateTimeField(null=True, blank=True)
    overdue_at = models.DateTimeField(null=True, blank=True)
    extended_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_unverified = models.BooleanField(default=False)
    outcome = models.CharField(max_length=200, blank=True)
    result = models.CharField(max_length=30, blank=True, help_text="named result of the kind: grant, refuse, settled …")
    result_type = models.CharField(max_length=10, blank=True, help_text="how figures count it: positive, partly, negative, neutral")
    returns = models.PositiveSmallIntegerField(default=0)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    referred_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
                                help_text="the case that this one is a part of")  # fmt: skip
    worst_rating = models.SmallIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text="rises with every act that decides something; acts say on which one they were decided")
    search = SearchVectorField(null=True)
    touched_at = models.DateTimeField(help_text="last step; orders 'what is new'")

    objects = CaseQuerySet.as_manager()
    opened_with: "Clock | None" = None  # its clock, on the object that opening gave: whoever tells of it at once need not ask for it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "year", "serial"], name="one_case_per_serial"),
            models.UniqueConstraint(fields=["town", "submission_key"], name="one_case_per_submission"),
        ]
        indexes = [
            # what somebody must act on: open cases, and closed ones with a bad rating that is being followed up
            models.Index(fields=["town", "holder", "next_due_at", "id"], name="case_desk", condition=Q(holder__isnull=False)),
            models.Index(fields=["town", "next_due_at", "id"], name="case_due", condition=Q(state__in=[s.value for s in sorted(OPEN_STATES)])),
            # by latitude alone: what lies within 250 m of a point is a narrow band of the town, and plain B-trees hold behind policies
            models.Index(fields=["town", "latitude"], name="case_near", condition=Q(state__in=[s.value for s in sorted(OPEN_STATES)])),
            models.Index(fields=["town", "next_due_at", "id"], name="case_ever_due"),
            models.Index(fields=["town", "-opened_at", "-id"], name="case_newest"),
            models.Index(fields=["town", "-touched_at", "-id"], name="case_touched"),
            models.Index(fields=["town", "category", "-opened_at", "-id"], name="case_category"),
            models.Index(fields=["town", "area", "-opened_at", "-id"], name="case_area"),
            models.Index(fields=["town", "lead", "-opened_at", "-id"], name="case_lead"),
            # of a town's years nearly all are closed, and most are reports: those are found by the order itself, the others by these
            models.Index(fields=["town", "state", "-opened_at", "-id"], name="case_state", condition=~Q(state=State.CLOSED.value)),
            models.Index(fields=["town", "kind", "-opened_at", "-id"], name="case_kind", condition=~Q(kind="report")),
            models.Index(fields=["town", "origin", "-opened_at", "-id"], name="case_origin", condition=~Q(origin="resident")),
            models.Index(fields=["town", "state", "-opened_at", "-id"], name="case_late", condition=Q(overdue_at__isnull=False)),
            models.Index(fields=["town", "-opened_at", "-id"], name="case_unlocated", condition=Q(unlocated=True)),
            models.Index(fields=["town", "closed_at"], name="case_closed", condition=Q(closed_at__isnull=False)),
            models.Index(fields=["town", "raised_for"], name="case_raised_for", condition=Q(raised_for__isnull=False)),
            models.Index(fields=["town", "merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["town", "part_of"], name="case_parts", condition=Q(part_of__isnull=False)),
            # asked through the function case_ids_with_words: behind a policy PostgreSQL uses no such index by itself
            GinIndex(fields=["search"], name="case_search"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def slug(self) -> str:
        """Return the part of the address that names this case, such as 2026-01847."""
        return slug_of(self.year, self.serial)

    @property
    def is_open(self) -> bool:
        return State(self.state) in OPEN_STATES

    @property
    def is_closed(self) -> bool:
        return self.state == State.CLOSED.value

    @property
    def is_merged(self) -> bool:
        return self.state == State.MERGED.value

    @property
    def is_stopped(self) -> bool:
        return self.state == State.SUSPENDED.value

    @property
    def is_restricted(self) -> bool:
        return self.visibility == self.Visibility.RESTRICTED

    def is_visible_to(self, actor: Actor) -> bool:
        """Return whether this actor may see the case: `visible_to` for one that is at hand."""
        if actor.is_clock or actor.kind == "system" or self.visibility == self.Visibility.PUBLIC:
            return True
        if actor.person_id and (self.raised_by_id == actor.person_id or actor.person_id in self.followers):
            return True
        if self.pk in actor.case_ids and CaseQuerySet._raised_by_codes(actor).filter(case_id=self.pk).exists():
            return True
        if actor.organ_ids & {*self.involved, *([self.raised_for_id] if self.raised_for_id else [])}:
            return True
        if self.visibility != self.Visibility.PARTIES:
            return False
        return actor.can("may_see_town_cases") or any(
            duty.area_path and duty.covers(self.area_path) and duty.can("may_see_area_cases") for duty in actor.duties
        )  # fmt: skip

    @property
    def point(self) -> tuple[float, float] | None:
        """Return (longitude, latitude), WGS-84, or None."""
        if self.longitude is None or self.latitude is None:
            return None
        return self.longitude, self.latitude


class StepQuerySet(models.QuerySet["Step"]):
    def visible_to(self, actor: Actor) -> "StepQuerySet":
        """Return the steps of the cases that this actor may see; `queries.steps` keeps internal texts from outsiders."""
        if actor.is_clock or actor.kind == "system":
            return self
        return self.filter(case__in=Case.objects.visible_to(actor).order_by().values("pk"))


class Step(TownOwned):
    """One thing that happened to a case 办理经过. Appended, never edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.CharField(max_length=60, help_text="actor reference, as in the ledger")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, related_name="+")
    organ = models.ForeignKey("organs.Organ", on_delete=models.PROTECT, null=True, related_name="+")
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    public_text = models.TextField(blank=True)
    internal_text = models.TextField(blank=True)
    reason = models.CharField(max_length=300, blank=True)
    clause = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)
    submission_key = models.CharField(max_length=80, null=True, blank=True, help_text="the same key is the same act, however often it is sent")

    objects = StepQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["town", "case", "id"], name="step_case"),
            models.Index(fields=["town", "at"], name="step_returns", condition=Q(act=Act.RETURN.value)),  # few among many: how cases go to and fro
        ]
        constraints = [models.UniqueConstraint(fields=["town", "submission_key"], name="one_step_per_submission")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.act}"

    @property
    def act_word(self) -> Any:
        title = self.details.get("title") if self.act == Act.DECIDE else None
        if isinstance(title, dict):
            return title.get("en" if (get_language() or "").startswith("en") else "zh") or title.get("zh", "")
        return self._words()[0]

    @property
    def chip(self) -> str:
        return RESULT_CHIPS.get(self.details.get("type", ""), "work") if self.act == Act.DECIDE else self._words()[1]

    @property
    def icon(self) -> str:
        return self._words()[2]

    def _words(self) -> tuple[Any, str, str]:
        return ACT_WORDS.get(self.act) or KIND_ACT_WORDS.get(self.act) or (self.act, "work", "circle-dot")


class StepAttachment(TownOwned):
    """A photo or paper that a step brought."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="papers")
    attachment = models.ForeignKey("attachments.Attachment", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=30, blank=True, help_text="what the procedure calls it: decision, notice, evidence …")
    is_public = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.step_id}: {self.attachment_id}"
