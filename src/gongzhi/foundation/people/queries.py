"""People and log-ins."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from gongzhi.foundation.people import hashing, joint, needs, resealing, rules, sealing, standing, terms
from gongzhi.foundation.people.models import ApiToken, ErasureRequest, JointRequest, OutsideIdentity, Person, PhoneCode, SecondFactor, Session, User
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import Actor


def person_for(*, seen_by: Actor, person_id: int) -> Person:
    """Return a person; raise Person.DoesNotExist. Whoever asks: sealed fields stay sealed; faces admit by the rules of people."""
    return Person.objects.get(pk=person_id)


def person_by_phone(*, seen_by: Actor, phone: str) -> Person | None:
    """Return whom a call from this number is from: the account whose owner has proved it, else somebody without a log-in known by it, or None.

    A number that was typed at registration and never proved names nobody: it may be anybody's.

    Whoever asks: the number is the key; faces admit by the rules of people.
    """
    wanted = sealing.plain_phone(phone)
    if not wanted:
        return None
    known = Person.objects.filter(phone_hash__in=hashing.phone_hashes(wanted, "phone"), erased_at__isnull=True)
    without = ~Exists(User.objects.filter(person=OuterRef("pk")))
    return known.filter(Q(phone_proved_at__isnull=False) | without).order_by(F("phone_proved_at").desc(nulls_last=True), "pk").first()


def user_by_name(*, seen_by: Actor, username: str) -> User | None:
    """Return the log-in of this name in the present town, or None. Whoever asks: signing in, where nobody is known yet."""
    return User.objects.select_related("person").filter(username=username).first()


def masked(*, seen_by: Actor, person: Person) -> dict[str, str]:
    """Return a person's name and phone number as pages may show them. Whoever asks: what comes back is masked."""
    return {
        "name": sealing.masked_name(sealing.unseal(person.name_sealed, "name")) or person.public_name,
        "phone": sealing.masked_phone(sealing.unseal(person.phone_sealed, "phone")),
    }


def user_for(*, seen_by: Actor, user_id: int) -> User:
    """Return a log-in; raise User.DoesNotExist. Whoever asks: faces admit by the rules of people."""
    return User.objects.select_related("person").get(pk=user_id)


def second_factor(*, seen_by: Actor, user_id: int) -> SecondFactor | None:
    """Return a log-in's second factor if it is on, or None. Whoever asks: signing in, where nobody is known yet."""
    return SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()


def tokens(*, seen_by: Actor) -> QuerySet[ApiToken]:
    """Return the reader's own tokens, newest first."""
    return ApiToken.objects.filter(user_id=seen_by.user_id or 0).order_by("-made_at", "-pk")


def token_for(*, seen_by: Actor, presented: str, at: datetime) -> ApiToken | None:
    """Return the token that a program presents if it may be used now, with its log-in; else None. Whoever asks: signing in: the token is the key."""
    found = ApiToken.objects.select_related("user").filter(token_hash__in=hashing.keyed_hashes(presented, "token")).first()
    return found if found is not None and found.holds(at) and found.user.is_active else None


def user_by_identity(*, seen_by: Actor, issuer: str, identity: str) -> User | None:
    """Return the log-in that is linked to an identity at an OpenID provider, or None. Whoever asks: signing in, where nobody is known yet."""
    found = OutsideIdentity.objects.select_related("user", "user__person").filter(issuer=issuer, identity=identity).first()
    return found.user if found is not None and found.user.is_active else None


def identities(*, seen_by: Actor) -> QuerySet[OutsideIdentity]:
    """Return the reader's own identities at OpenID providers, oldest first."""
    return OutsideIdentity.objects.filter(user_id=seen_by.user_id or 0).order_by("linked_at", "pk")


# ---- for administrators ---------------------------------------------------------------------------------------------
def logins(*, seen_by: Actor, text: str = "", staff_only: bool = True) -> QuerySet[User]:
    """Return log-ins with their persons and whether a second factor is on, by name; for the administrator only."""
    found = User.objects.select_related("person").annotate(has_factor=Exists(SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)))
    if not rules.may_see_logins(seen_by):
        return found.none()
    if staff_only:
        found = found.exclude(person__kind__in=(Person.Kind.RESIDENT, Person.Kind.MIGRANT))
    if text.strip():
        found = found.filter(Q(username__icontains=text.strip()) | Q(person__public_name__icontains=text.strip()))
    return found.order_by("-is_active", "username", "pk")


def people_for_posts(*, seen_by: Actor) -> QuerySet[Person]:
    """Return those who may be given a post: everybody registered who is not erased and is staff, a firm's contact, or has a log-in.

    Whoever asks: faces admit by the rules of posts.
    """
    working = Q(kind__in=(Person.Kind.STAFF, Person.Kind.ENTERPRISE)) | Exists(User.objects.filter(person=OuterRef("pk"), is_active=True))
    return Person.objects.filter(working, erased_at__isnull=True).order_by("kind", "public_name", "pk")


def staff_words(*, seen_by: Actor, person: Person) -> str:
    """Return a person in a list of choices: what others read, and the masked name beside it. Whoever asks: what comes back is masked."""
    name = sealing.masked_name(sealing.unseal(person.name_sealed, "name"))
    return f"{person.public_name} ({name})" if name and name != person.public_name else person.public_name


# ---- proving a number -----------------------------------------------------------------------------------------------
def phone_code(*, seen_by: Actor) -> PhoneCode | None:
    """Return the newest code that was made for the reader's number, or None."""
    return PhoneCode.objects.filter(person_id=seen_by.person_id or 0).order_by("-made_at", "-pk").first()


def code_to_send(*, seen_by: Actor, code_id: int, at: datetime) -> tuple[str, str, str] | None:
    """Return (number, code, language) of a code that has not gone out yet and may still be typed, or None. Whoever asks: the task that sends it."""
    code = PhoneCode.objects.select_related("person").filter(pk=code_id).first()
    if code is None or not code.is_open(at) or not code.sealed_code:
        return None
    return sealing.unseal(code.person.phone_sealed, "phone"), sealing.unseal(code.sealed_code, "phone-code"), code.person.language


# ---- erasure --------------------------------------------------------------------------------------------------------
def erasure_of(*, seen_by: Actor) -> ErasureRequest | None:
    """Return the reader's newest request for erasure, or None."""
    return ErasureRequest.objects.filter(person_id=seen_by.person_id or 0).order_by("-asked_at", "-pk").first()


def erasures(*, seen_by: Actor, open_only: bool = False) -> QuerySet[ErasureRequest]:
    """Return the requests for erasure, newest first, with their persons; for those who decide on them."""
    found = ErasureRequest.objects.select_related("person").order_by("-asked_at", "-pk")
    if not rules.may_decide_erasure(seen_by) and not rules.may_erase_by_term(seen_by):
        return found.none()
    return found.filter(state__in=("waiting", "approved")) if open_only else found


def erasures_to_carry_out(*, seen_by: Actor, at: datetime) -> list[int]:
    """Return the ids of the requests whose time has come and whose person nothing needs any more."""
    due = erasures(seen_by=seen_by, open_only=True).filter(due_at__lte=at).exclude(state="waiting", needs_decision=True).order_by("pk")
    return [request.pk for request in due if not needs.of(request.person_id, at)]


def needs_of(*, seen_by: Actor, person_id: int, at: datetime) -> list[needs.Need]:
    """Return what still needs a person. Whoever asks: the person, and who decides on the erasure; faces admit them."""
    return needs.of(person_id, at)


def kinds_past_their_term(*, seen_by: Actor, at: datetime) -> list[str]:
    """Return the kinds of details of which some are past the term that the town has set."""
    found = sorted(terms.terms(territory.town(seen_by=seen_by).settings).values(), key=lambda term: term.kind)
    return [term.kind for term in found if terms.is_anything_due(term, at)]


# ---- keys -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class KeyState:
    """What depends on a field key in the present town; `name` is "" for values without a head, which may be under any key."""

    name: str
    is_first: bool
    is_known: bool
    values: int
    hashes_kept: bool

    @property
    def may_be_taken_away(self) -> bool:
        """Return whether nothing of this town needs the key any more."""
        return self.is_known and not self.is_first and self.values == 0 and self.hashes_kept


def key_states(*, seen_by: Actor) -> list[KeyState]:
    """Return what depends on each field key: those of the setting in their order, then any other that values name.

    Whoever asks: no value of anybody, for the administrator.
    """
    counted: dict[str, int] = {}
    for held in resealing.held():
        counted[held.key] = counted.get(held.key, 0) + held.count
    known = [sealing.key_name(key) for key in sealing.field_keys()]
    aside = hashing.kept()
    before = hashing.BEFORE not in aside or any(name.startswith(f"{hashing.BEFORE}:") for name in aside)
    unmarked = counted.get("", 0)
    states = [
        KeyState(name=name, is_first=place == 0, is_known=True, values=counted.get(name, 0) + (unmarked if place else 0), hashes_kept=name in aside and before)
        for place, name in enumerate(known)
    ]  # fmt: skip
    strange = {name: number for name, number in counted.items() if name not in known}
    return states + [KeyState(name=name, is_first=False, is_known=False, values=number, hashes_kept=False) for name, number in strange.items()]


# ---- acts that take two people --------------------------------------------------------------------------------------
def joint_requests(*, seen_by: Actor, at: datetime, waiting: bool = True) -> QuerySet[JointRequest]:
    """Return what waits for a second person and the reader may confirm or take back; or with `waiting` off all of the past, newest first."""
    codes = [act.code for act in joint.all_of_them() if act.may(seen_by)]
    found = JointRequest.objects.filter(act__in=codes).select_related("concerns", "asked_by", "decided_by").order_by("-asked_at", "-pk")
    return found.filter(state="waiting", lapses_at__gt=at) if waiting else found.exclude(state="waiting", lapses_at__gt=at)


def joint_request(*, seen_by: Actor, request_id: int) -> JointRequest:
    """Return one of them; raise JointRequest.DoesNotExist."""
    codes = [act.code for act in joint.all_of_them() if act.may(seen_by)]
    return JointRequest.objects.select_related("concerns", "asked_by").get(pk=request_id, act__in=codes)


def takes_two(*, seen_by: Actor, person_id: int | None, at: datetime) -> bool:
    """Return whether a change of this person's way in takes two people: through it one would come by critical abilities."""
    return seen_by.kind == "person" and bool(standing.critical(person_id, at))


def person_of_login(*, seen_by: Actor, user_id: int) -> int | None:
    """Return whose log-in this is, or None. Whoever asks: ids, no words."""
    return User.objects.filter(pk=user_id).values_list("person_id", flat=True).first()


def has_old_traces(*, seen_by: Actor, at: datetime) -> bool:
    """Return whether a session of the town has ended; each night finds some where people sign in. Whoever asks: yes or no, of nobody in particular."""
    return Session.objects.filter(expire_date__lte=at).exists()
