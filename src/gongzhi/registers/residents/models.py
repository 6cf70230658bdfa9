"""Tables of the residents' register. Names, numbers, telephones and places of registration are sealed; keyed hashes find them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.actors import Actor
from gongzhi.kernel.tables import TownOwned
from gongzhi.kernel.words import HasState, Words
from gongzhi.registers.record import scope
from gongzhi.registers.residents import values


def within(reach: tuple[str, ...] | None, path: str) -> Q:
    """Return the condition that an area's path, by this name of a field, lies within a reach."""
    if reach is None:
        return Q()
    may = Q(pk__in=[])
    for one in reach:
        may |= Q(**{path: one}) | Q(**{f"{path}__startswith": one + "."})
    return may


class DwellingQuerySet(models.QuerySet["Dwelling"]):
    def visible_to(self, actor: Actor) -> "DwellingQuerySet":
        """Return the dwellings of the areas that the actor keeps or visits, and the actor's own home."""
        reach = scope.sees(actor, "residents")
        if reach is None:
            return self
        may = within(reach, "area__path")
        if actor.person_id is not None:
            may |= Q(pk__in=Resident.objects.filter(person_id=actor.person_id, dwelling__isnull=False).values("dwelling"))
        return self.filter(may)


class Dwelling(TownOwned):
    """A dwelling 房屋: a house, flat or room where people live, by its whole address."""

    class Tenure(models.TextChoices):
        OWN = "own", "自住"
        LET = "let", "出租"
        LENT = "lent", "借住"
        DORMITORY = "dormitory", "宿舍"

    TENURE_WORDS: ClassVar[dict[str, Any]] = dict(values.BY_CODE["tenure"].choices)

    address = models.CharField(max_length=200)
    address_key = models.CharField(max_length=200)
    tenure = models.CharField(max_length=10, choices=Tenure, default=Tenure.OWN)
    longitude = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    area = models.ForeignKey("territory.Area", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="the grid")
    ended_on = models.DateField(null=True, blank=True, help_text="torn down, or no dwelling any more")

    objects = DwellingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "address_key"], name="one_dwelling_per_address")]
        indexes = [models.Index(fields=["town", "area"], name="dwelling_area")]

    def __str__(self) -> str:
        return self.address

    @property
    def tenure_word(self) -> Any:
        return self.TENURE_WORDS[self.tenure]


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, actor: Actor) -> "HouseholdQuerySet":
        """Return the households of the dwellings that the actor may see."""
        reach = scope.sees(actor, "residents")
        return self if reach is None else self.filter(dwelling__in=Dwelling.objects.visible_to(actor))


class Household(TownOwned):
    """A household 户: people who live together in a dwelling, family or not."""

    number = models.CharField(max_length=40, blank=True, help_text="of the registration book, where there is one")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="households")
    began_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "number"], condition=Q(ended_on__isnull=True) & ~Q(number=""), name="one_household_per_number"),
            models.CheckConstraint(condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("began_on")), name="household_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["town", "dwelling"], name="household_dwelling")]

    def __str__(self) -> str:
        return self.number or str(self.pk)


class ResidentQuerySet(models.QuerySet["Resident"]):
    def visible_to(self, actor: Actor) -> "ResidentQuerySet":
        """Return the people of the areas that the actor keeps or visits, and the actor's own record."""
        reach = scope.sees(actor, "residents")
        if reach is None:
            return self
        may = within(reach, "dwelling__area__path")
        if actor.person_id is not None:
            may |= Q(person_id=actor.person_id)
        return self.filter(may)

    def standing(self) -> "ResidentQuerySet":
        """Leave out those who were merged into another record."""
        return self.filter(merged_into__isnull=True)


class Resident(HasState, TownOwned):
    """A person in the register 居民. Present values stand here, every value ever told in record.Statement."""

    SEALED: ClassVar[dict[str, str]] = {
        "name_sealed": "resident-name", "number_sealed": "resident-number", "phone_sealed": "resident-phone", "origin_sealed": "resident-origin",
    }  # fmt: skip
    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "here": (_("lives here"), "ok", "circle-check"),
        "left": (_("moved away"), "stop", "log-out"),
        "died": (_("died"), "stop", "circle-pause"),
        "merged": (_("merged into another record"), "stop", "network"),
    }
    DOCUMENT_WORDS: ClassVar[dict[str, Any]] = dict(values.DOCUMENTS)
    SEX_WORDS: ClassVar[dict[str, Any]] = dict(values.SEXES)
    STANDING_WORDS: ClassVar[dict[str, Any]] = dict(values.STANDINGS)

    name_sealed = models.BinaryField(default=b"", blank=True)
    name_hash = models.BinaryField(default=b"", blank=True)
    document = models.CharField(max_length=20, blank=True, choices=values.DOCUMENTS)
    number_sealed = models.BinaryField(default=b"", blank=True)
    number_hash = models.BinaryField(default=b"", blank=True)
    phone_sealed = models.BinaryField(default=b"", blank=True)
    phone_hash = models.BinaryField(default=b"", blank=True)
    origin_sealed = models.BinaryField(default=b"", blank=True)
    sex = models.CharField(max_length=1, blank=True, choices=values.SEXES)
    birth = models.DateField(null=True, blank=True)
    nationality = models.CharField(max_length=40, blank=True)
    ethnicity = models.CharField(max_length=20, blank=True)
    standing = models.CharField(max_length=12, choices=values.Standing, default=values.Standing.REGISTERED)
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, null=True, blank=True, related_name="residents", help_text="where they live now")
    left_on = models.DateField(null=True, blank=True)
    died_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="the own account, once proved")
    linked_at = models.DateTimeField(null=True, blank=True)
    registered_at = models.DateTimeField()

    objects = ResidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["town", "number_hash"], condition=Q(merged_into__isnull=True) & ~Q(number_hash=b""), name="one_resident_per_number"
            ),
            models.UniqueConstraint(fields=["town", "person"], condition=Q(person__isnull=False), name="one_resident_per_account"),
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(birth__isnull=True) | Q(died_on__gte=models.F("birth")), name="resident_dies_after_birth"
            ),
        ]
        indexes = [
            models.Index(fields=["town", "name_hash", "birth"], name="resident_name"), models.Index(fields=["town", "phone_hash"], name="resident_phone"),
            models.Index(fields=["town", "dwelling"], name="resident_dwelling"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def state(self) -> str:
        return "merged" if self.merged_into_id else "died" if self.died_on else "left" if self.left_on else "here"

    @property
    def document_word(self) -> Any:
        return self.DOCUMENT_WORDS.get(self.document, "")

    @property
    def sex_word(self) -> Any:
        return self.SEX_WORDS.get(self.sex, "")

    @property
    def standing_word(self) -> Any:
        return self.STANDING_WORDS[self.standing]

    def age_on(self, day: Any) -> int | None:
        """Return the age in whole years on a day (at death, where that was before), or None."""
        if self.birth is None:
            return None
        until = min(day, self.died_on) if self.died_on else day
        return int(until.year - self.birth.year - ((until.month, until.day) < (self.birth.month, self.birth.day)))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> "MembershipQuerySet":
        """Return the memberships of the people whom the actor may see."""
        reach = scope.sees(actor, "residents")
        return self if reach is None else self.filter(resident__in=Resident.objects.visible_to(actor))

    def present(self) -> "MembershipQuerySet":
        return self.filter(ends_on__isnull=True)


class Membership(TownOwned):
    """Who belongs to a household as what, from when until when 家庭成员."""

    RELATION_WORDS: ClassVar[dict[str, Any]] = dict(values.RELATIONS)

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="memberships")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="memberships")
    relation = models.CharField(max_length=12, choices=values.RELATIONS)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="the first day on which they belong to it no longer")
    why_ended = models.CharField(max_length=10, blank=True, help_text="moved | left | died | merged | changed")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "resident"], condition=Q(ends_on__isnull=True), name="one_home_at_a_time"),
            models.UniqueConstraint(fields=["town", "household"], condition=Q(ends_on__isnull=True, relation="head"), name="one_head_per_household"),
            models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="membership_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["town", "resident", "-starts_on"], name="membership_resident")]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.relation}"

    @property
    def relation_word(self) -> Any:
        return self.RELATION_WORDS[self.relation]


class TagQuerySet(models.QuerySet[Any]):
    """Tags of one room; each room has a right of its own, and none shows the other's."""

    def visible_to(self, actor: Actor) -> "TagQuerySet":
        """Return the tags of this room, of people in the areas for which a post of the actor opens it, and the actor's own."""
        reach = scope.paths(actor, self.model.ABILITY)
        if reach is None:
            return self
        may = within(reach, "resident__dwelling__area__path")
        if actor.person_id is not None:
            may |= Q(resident__person_id=actor.person_id, is_told=True)
        return self.filter(may)

    def on(self, day: Any) -> "TagQuerySet":
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)


class Tag(TownOwned):
    """What the town must know of somebody, with its basis, source, days and the day on which it is looked at again."""

    ABILITY: ClassVar[str]
    KIND_WORDS: ClassVar[dict[str, Any]]

    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    basis = models.CharField(max_length=200)
    source = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True, help_text="the first day on which it holds no longer")
    review_on = models.DateField(help_text="by then somebody looks whether it still holds")
    reviewed_on = models.DateField(null=True, blank=True)
    is_told = models.BooleanField(default=True, help_text="the person may read it on the own page")
    note_sealed = models.BinaryField(default=b"", blank=True)
    set_by = models.CharField(max_length=60)
    set_at = models.DateTimeField()
    ended_by = models.CharField(max_length=60, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.resident_id} {self.kind}"

    @property
    def kind_word(self) -> Any:
        return self.KIND_WORDS.get(self.kind, self.kind)


class CareTag(Tag):
    """A tag of care 关爱标签: whom the town looks after."""

    SEALED: ClassVar[dict[str, str]] = {"note_sealed": "care-note"}
    ABILITY = "may_see_care"
    KIND_WORDS: ClassVar[dict[str, Any]] = {
        "lone_elder": _("old person living alone"), "disabled": _("disabled person"), "low_income": _("minimum living allowance"),
        "left_behind": _("child left behind"), "chronic": _("long illness"), "veteran": _("veteran"), "bereaved": _("family that lost its only child"),
        "pregnant": _("expectant mother"),
    }  # fmt: skip

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="care_ends_after_it_begins")]
        indexes = [models.Index(fields=["town", "resident"], name="care_resident"), models.Index(fields=["town", "review_on"], name="care_review")]


class ControlTag(Tag):
    """A tag of control 管控标签: over whom a law has somebody watch."""

    SEALED: ClassVar[dict[str, str]] = {"note_sealed": "control-note"}
    ABILITY = "may_see_control"
    KIND_WORDS: ClassVar[dict[str, Any]] = {
        "community_correction": _("community correction"),
        "drug_treatment": _("drug treatment in the community"),
        "released": _("released, being helped to settle"),
        "violent_illness": _("mental illness with a risk of violence"),
        "domestic_violence": _("warned for violence at home"),
    }

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="control_ends_after_it_begins")]
        indexes = [models.Index(fields=["town", "resident"], name="control_resident"), models.Index(fields=["town", "review_on"], name="control_review")]


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    def visible_to(self, actor: Actor) -> "DuplicateQuerySet":
        """Return the proposals of which the actor may see both people."""
        if scope.sees(actor, "residents") is None:
            return self
        seen = Resident.objects.visible_to(actor)
        return self.filter(one__in=seen, other__in=seen)


class Duplicate(HasState, TownOwned):
    """Two records that may be of one person 疑似重复: proposed by the register, settled by somebody."""

    STATE_WORDS: ClassVar[dict[str, Words]] = {
        "open": (_("to be looked at"), "open", "circle-dot"),
        "merged": (_("one person, merged"), "done", "circle-check"),
        "different": (_("two people"), "stop", "users"),
    }
    REASON_WORDS: ClassVar[dict[str, Any]] = {
        "name_birth": _("same name and birth"), "name_phone": _("same name and telephone"),
    }  # fmt: skip

    one = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default="open")
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=60, blank=True)
    ground = models.CharField(max_length=200, blank=True)

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["town", "one", "other"], name="one_duplicate_per_pair"),
            models.CheckConstraint(condition=Q(one__lt=models.F("other")), name="duplicate_is_ordered"),
        ]
        indexes = [models.Index(fields=["town", "state", "-found_at"], name="duplicate_state")]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"

    @property
    def reason_word(self) -> Any:
        return self.REASON_WORDS.get(self.reason, self.reason)


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, actor: Actor) -> "VisitQuerySet":
        """Return the visits to the dwellings that the actor may see."""
        reach = scope.sees(actor, "residents")
        return self if reach is None else self.filter(dwelling__in=Dwelling.objects.visible_to(actor))


class Visit(TownOwned):
    """A visit to a dwelling 入户走访: when, by whom, whom they met, what was found to have changed and on whose word."""

    class Outcome(models.TextChoices):
        MET = "met", "见到人"
        ABSENT = "absent", "无人在家"
        REFUSED = "refused", "拒绝"
        EMPTY = "empty", "空置"

    SEALED: ClassVar[dict[str, str]] = {"found_sealed": "visit"}
    OUTCOME_WORDS: ClassVar[dict[str, Any]] = {"met": _("met somebody"), "absent": _("nobody at home"), "refused": _("refused"), "empty": _("stands empty")}

    key = models.UUIDField(help_text="made on the telephone, so that a visit sent twice is one")
    dwelling = models.ForeignKey(Dwelling, on_delete=models.PROTECT, related_name="visits")
    outcome = models.CharField(max_length=8, choices=Outcome)
    word = models.CharField(max_length=10, blank=True)
    visited_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    by = models.CharField(max_length=60)
    changes = models.PositiveIntegerField(default=0, help_text="how many people changed, came or left")
    conflicts = models.PositiveIntegerField(default=0, help_text="what was not taken, because it had changed meanwhile or cannot be")
    found_sealed = models.BinaryField(default=b"", blank=True, help_text="all that was found, and what became of each part")

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "key"], name="one_visit_per_key")]
        indexes = [models.Index(fields=["town", "dwelling", "-visited_at"], name="visit_dwelling")]

    def __str__(self) -> str:
        return f"{self.dwelling_id} {self.outcome}"

    @property
    def outcome_word(self) -> Any:
        return self.OUTCOME_WORDS[self.outcome]


class LinkTry(TownOwned):
    """Somebody tried to prove that a record is their own 本人核验."""

    person = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, help_text="linked | wrong | wait")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["town", "person", "-at"], name="link_try_person")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.outcome}"
