"""Who has a part in a case, in which role, by which authority and until when."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import kind as kinds
from gongzhi.cases import rules
from gongzhi.cases.facts import CasePartyAdded, CasePartyEnded
from gongzhi.cases.lifecycle import Act
from gongzhi.cases.models import Party
from gongzhi.cases.operations import _steps
from gongzhi.cases.operations.opening import UnknownRole
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.operation import Refused, ensure, operation, record


class NobodyNamed(Refused):
    sentence = _("Say who it is: a person or an organisation.")
    field = "person"


class PartyAlready(Refused):
    sentence = _("This person has a part in this case already.")
    field = "person"


class NeedsAuthority(Refused):
    sentence = _("Whoever acts for another needs a written authority with its last day.")
    field = "authority"


class AuthorityEnds(Refused):
    sentence = _("The authority must end after it begins, and not have ended already.")
    field = "valid_until"


class PartyGone(Refused):
    sentence = _("This part has ended already.")


@operation
def add_party(
    *, by: Actor, at: datetime, case_id: int, role: str, person_id: int | None = None, organ_id: int | None = None, acts_for_id: int | None = None,
    authority_id: int | None = None, valid_from: date | None = None, valid_until: date | None = None,
) -> Party:  # fmt: skip
    """Give somebody a part in a case. An agent acts for another party, by a written authority with dates.

    Raises UnknownRole, NobodyNamed, PartyAlready, NeedsAuthority, AuthorityEnds.
    """
    case = _steps.locked(case_id)
    ensure(rules.may_name_party, case)
    _steps.check(case, Act.PARTY)
    if role not in kinds.kind_of(case.kind).roles:
        raise UnknownRole(case, role=role)
    if person_id is None and organ_id is None:
        raise NobodyNamed(case)
    if person_id is not None and Party.objects.filter(case=case, person_id=person_id, ended_at__isnull=True).exclude(via=Party.Via.FOLLOWS).exists():
        raise PartyAlready(case)
    acts_for = Party.objects.filter(case=case, pk=acts_for_id, ended_at__isnull=True).first() if acts_for_id is not None else None
    if role == Party.Role.AGENT:
        if acts_for is None or authority_id is None or valid_until is None:
            raise NeedsAuthority(case)
        today = territory.day_of(seen_by=ANYONE, at=at)
        if valid_until < (valid_from or today) or valid_until < today:
            raise AuthorityEnds(case)
    if person_id is not None:  # whoever followed it has a part in it from now on
        Party.objects.filter(case=case, person_id=person_id, ended_at__isnull=True, via=Party.Via.FOLLOWS).update(ended_at=at)
    party = Party.objects.create(
        town_id=case.town_id, case=case, person_id=person_id, organ_id=organ_id, via=Party.Via.NAMED, role=role, acts_for=acts_for,
        authority_id=authority_id, valid_from=valid_from, valid_until=valid_until, joined_at=at,
    )  # fmt: skip
    if person_id is not None and person_id not in case.followers:
        case.followers = sorted({*case.followers, person_id})
    _steps.note_involved(case, organ_id)
    case.touched_at = at
    case.version += 1
    case.save(update_fields=["followers", "involved", "touched_at", "version"])
    _steps.add_step(case, Act.PARTY, by=by, at=at, details={"role": role, "ended": False})
    record(CasePartyAdded(**_steps.about(case), party_id=party.pk, role=role))
    return party


@operation
def end_party(*, by: Actor, at: datetime, party_id: int, reason: str = "") -> Party:
    """End a part: an authority is revoked, a co-applicant leaves. Whoever raised the case withdraws it instead."""
    case_id = Party.objects.values_list("case_id", flat=True).get(pk=party_id)
    case = _steps.locked(case_id)
    party = Party.objects.select_for_update(of=("self",)).get(pk=party_id)
    ensure(rules.may_end_party, case, party)
    _steps.check(case, Act.PARTY)
    if party.ended_at is not None:
        raise PartyGone(party)
    party.ended_at = at
    party.save(update_fields=["ended_at"])
    if party.person_id is not None:
        case.followers = [one for one in case.followers if one != party.person_id]
    case.touched_at = at
    case.version += 1
    case.save(update_fields=["followers", "touched_at", "version"])
    _steps.add_step(case, Act.PARTY, by=by, at=at, reason=reason, details={"role": party.role, "ended": True})
    record(CasePartyEnded(**_steps.about(case), party_id=party.pk, role=party.role))
    return party
