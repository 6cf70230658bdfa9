"""An application comes in: judged by the schema of its version, opened as a case, its papers hung on it; completed where something lacked."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import codes, following
from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.foundation.attachments import queries as attachments
from gongzhi.foundation.attachments import rules as attachment_rules
from gongzhi.foundation.drafts import operations as drafts
from gongzhi.foundation.organs import queries as organs
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people import sealing
from gongzhi.kernel import numbers, rows
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.applications import content, holding, queries, rules, vocabulary
from gongzhi.service_line.applications.facts import ApplicationCorrected, ApplicationFiled, MaterialAdded
from gongzhi.service_line.applications.models import Filing, ItemVersion, Material, Notice, ServiceItem

MOST_FILES = 12  # of one paper


class NotOffered(Refused):
    sentence = _("This matter is not offered any more.")
    status = 404


class NotForYou(Refused):
    sentence = _("This matter is for %(who)s.")
    field = "organ"


class ChooseFirm(Refused):
    sentence = _("Choose for which firm you apply.")
    field = "organ"


class PromiseNeeded(Refused):
    sentence = _("Agree to the promise, or choose that the place is looked at first.")
    field = "promise"


class NameNeeded(Refused):
    sentence = _("Write the name of whoever applies.")
    field = "name"


class AnswersWrong(Refused):
    """Answers that the form cannot take; `faults` has one sentence a field."""

    sentence = _("Please look at these answers again: %(names)s.")
    status = 422

    def __init__(self, faults: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(field=next(iter(faults)), names="、".join(titles.get(code, code) for code in faults))


class MaterialsMissing(Refused):
    """Papers that are needed from the start, all named at once."""

    sentence = _("Before you send it, add: %(names)s.")
    status = 422

    def __init__(self, missing: Mapping[str, str]) -> None:
        self.missing = dict(missing)
        super().__init__(field=next(iter(missing)), names="、".join(missing.values()))


class UnknownPaper(Refused):
    sentence = _("A file cannot be found; please add it again.")
    field = "materials"


class UnknownMaterial(Refused):
    sentence = _("This matter asks for no paper “%(code)s” with these answers.")
    field = "materials"


class TooManyFiles(Refused):
    sentence = _("At most %(most)d files for one paper.")
    field = "materials"


class NotAnswered(Refused):
    sentence = _("This is still missing: %(names)s.")
    field = "materials"


Materials = Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What was filed, judged: the answers, where each comes from, what the applicant says is wrong in a register."""

    values: dict[str, Any]
    sources: dict[str, dict[str, str]]
    doubts: list[str]
    held: dict[str, holding.Held]


@operation
def file_application(
    *, by: Actor, at: datetime, code: str, values: Mapping[str, Any], materials: Materials | None = None, organ_id: int | None = None, promise: bool = False,
    submission_key: str = "", version: int | None = None,
) -> Filing:  # fmt: skip
    """File an application for oneself, or for a firm (`organ_id`) that one speaks for; the draft that it was is dropped.

    `values`: answers by field; what the town holds may be left out. `materials`: attachments by paper. `version`: the version that was filled in
    (None: the present one); a version that was replaced meanwhile still counts. The same `submission_key` gives the same application.
    Raises NotOffered, NotForYou, ChooseFirm, AnswersWrong, MaterialsMissing, PromiseNeeded.
    """
    item, on = _offered(code, version)
    ensure(rules.may_apply, organ_id)
    return _file(by=by, at=at, item=item, version=on, values=values, materials=materials or {}, organ_id=organ_id, promise=promise, key=submission_key)


@operation
def file_at_window(
    *, by: Actor, at: datetime, code: str, values: Mapping[str, Any], name: str, phone: str = "", materials: Materials | None = None,
    organ_id: int | None = None, promise: bool = False, submission_key: str = "",
) -> tuple[Filing, str]:  # fmt: skip
    """File for somebody who has come in person, and return it with a follow code for them; it is counted as filed at the window.

    `name`, `phone`: of whoever came, sealed.
    """
    item, on = _offered(code, None)
    ensure(rules.may_file_at_window)
    if not name.strip():
        raise NameNeeded
    if phone.strip() and not numbers.telephone(phone):
        raise people.BadPhone
    follow = following.code_for(f"application:{by.ref}:{submission_key}" if submission_key else None)
    person = people.register_person(by=by, at=at, kind="resident", name=name.strip()[:40], phone=phone)
    filing = _file(
        by=by, at=at, item=item, version=on, values=values, materials=materials or {}, organ_id=organ_id, promise=promise, key=submission_key,
        person_id=person.pk,
        follow=follow,
    )  # fmt: skip
    return filing, follow


def _offered(code: str, number: int | None) -> tuple[ServiceItem, ItemVersion]:
    item = ServiceItem.objects.select_related("current__procedure", "organ").filter(code=code).first()
    if item is None or item.current is None or item.ended_at is not None:
        raise NotOffered
    if number is None or number == item.current.number:
        return item, item.current
    found = item.versions.filter(number=number, adopted_at__isnull=False).first()
    if found is None:
        raise NotOffered
    return item, found


def _file(
    *, by: Actor, at: datetime, item: ServiceItem, version: ItemVersion, values: Mapping[str, Any], materials: Materials, organ_id: int | None, promise: bool,
    key: str, person_id: int | None = None, part_of_id: int | None = None, told: _Told | None = None,
    follow: str = "",
) -> Filing:  # fmt: skip
    window = person_id is not None
    _check_who(version, organ_id)
    key = f"application:{by.ref}:{key}"[:80] if key else ""
    if key:
        twin = Filing.objects.filter(case__submission_key=key).select_related("case").first()
        if twin is not None:
            record(ApplicationFiled(**_about(twin.case), item=item.code, version=version.number, organ_id=item.organ_id, way=twin.way, content_hash=""))
            return twin
    if told is None:
        told = _judge(by, version, values, organ_id, window=window)
    is_promise = version.pattern == "promise"
    if is_promise and not promise:
        raise PromiseNeeded
    given = _papers(by, version, told, materials, is_part=part_of_id is not None)
    firm = organs.organ_for(seen_by=ANYONE, organ_id=organ_id) if organ_id is not None else None
    applicant = person_id if window else by.person_id
    need = cases.Need(
        kind="application", title=f"{version.title} · {firm}"[:120] if firm is not None else version.title,
        origin="enterprise" if firm is not None else "resident",
        raised_by_id=applicant, raised_for_id=organ_id, submission_key=key or None, lead_id=item.organ_id, procedure_id=version.procedure_id,
        part_of_id=part_of_id,
        follow_code_hash=codes.digest(follow) if follow else None,
    )  # fmt: skip

    def beside(case: Any) -> list[Any]:
        sealed = sealing.seal(json.dumps({"values": told.values, "sources": told.sources}, ensure_ascii=False), "filing-values")
        filing = rows.make(
            Filing, town_id=current_town(), case=case, item_id=item.pk, version_id=version.pk, organ_id=item.organ_id, values_sealed=sealed,
            applicant_kind="firm" if firm is not None else "person", way="window" if window else "online", window_by=by.ref if window else "",
            promised=is_promise, doubts=told.doubts, filed_at=at,
        )  # fmt: skip
        return [filing]

    case = cases.open_case(by=by, at=at, need=need, beside=beside)
    filing = Filing.objects.select_related("case", "item", "version").get(case_id=case.pk)
    papers = [Material(town_id=current_town(), filing=filing, code=code, attachment_id=one, added_at=at) for code, ids in given.items() for one in ids]
    papers += [
        Material(town_id=current_town(), filing=filing, code=rule.code, source=rule.source, state="good", added_at=at)
        for rule in content.materials(version.materials, told.values) if rule.source and rule.source in told.held and rule.code not in given
    ]  # fmt: skip
    Material.objects.bulk_create(papers)
    wording = json.dumps([told.values, sorted(given)], ensure_ascii=False, sort_keys=True)
    record(
        ApplicationFiled(
            **_about(case),
            item=item.code,
            version=version.number,
            organ_id=item.organ_id,
            way=filing.way,
            content_hash=hashlib.sha256(wording.encode()).hexdigest(),
        )
    )
    if version.pattern == "bundle":
        for part_code in version.parts:
            part, on = _offered(part_code, None)
            asked = {one.code for one in on.fields}
            theirs = _Told(
                {name: value for name, value in told.values.items() if name in asked}, {n: s for n, s in told.sources.items() if n in asked},
                [n for n in told.doubts if n in asked], told.held,
            )  # fmt: skip
            wanted = {rule.code for rule in content.materials(on.materials)}
            _file(
                by=by, at=at, item=part, version=on, values=theirs.values, materials={n: ids for n, ids in given.items() if n in wanted}, organ_id=organ_id,
                promise=promise or told.values.get("promised") is True, key="", person_id=person_id, part_of_id=case.pk, told=theirs,
            )  # fmt: skip
    if not window and part_of_id is None and by.person_id is not None:
        drafts.drop_draft(by=by, at=at, purpose=content.draft_purpose(item.code, organ_id))
    return filing


def _check_who(version: ItemVersion, organ_id: int | None) -> None:
    if organ_id is None and "person" not in version.applicants:
        raise ChooseFirm
    if organ_id is not None and "firm" not in version.applicants:
        raise NotForYou(who=content.APPLICANTS["person"])


def _judge(by: Actor, version: ItemVersion, values: Mapping[str, Any], organ_id: int | None, *, window: bool) -> _Told:
    """Return what was told, with what the town holds filled in; raise AnswersWrong with every fault."""
    fields = version.fields
    wanted = [*(one.source for one in fields if one.source), *(rule.source for rule in content.materials(version.materials) if rule.source)]
    held = {} if window else holding.held(seen_by=by, organ_id=organ_id, wanted=wanted)
    filled = dict(values)
    sources: dict[str, dict[str, str]] = {}
    doubts = []
    for one in fields:
        known = held.get(one.source) if one.source else None
        if known is None:
            continue
        said = filled.get(one.code)
        if said in (None, "") or str(said) == known.text:
            filled[one.code] = known.text
            sources[one.code] = {"register": known.register, "at": known.at.isoformat() if known.at else ""}
        else:
            doubts.append(one.code)
    kept, faults = vocabulary.judge(fields, filled, frozenset(sources))
    if faults:
        language = get_language() or "zh"
        raise AnswersWrong(faults, {one.code: one.words(language) for one in fields})
    return _Told(kept, {code: source for code, source in sources.items() if code in kept}, doubts, held)


def _papers(by: Actor, version: ItemVersion, told: _Told, materials: Materials, *, is_part: bool) -> dict[str, list[int]]:
    """Return the attachments of each paper; raise what is missing, all of it at once."""
    asked = {rule.code: rule for rule in content.materials(version.materials, told.values)}
    given = {code: list(dict.fromkeys(ids)) for code, ids in materials.items() if ids}
    for code, ids in given.items():
        if code not in asked:
            raise UnknownMaterial(code=code)
        if len(ids) > MOST_FILES:
            raise TooManyFiles(most=MOST_FILES)
    if not is_part:
        _check_attachments(by, [one for ids in given.values() for one in ids])
        language = get_language() or "zh"
        missing = {
            code: rule.words(language) for code, rule in asked.items()
            if code not in given and not rule.later and not rule.optional and not (rule.source and rule.source in told.held)
        }  # fmt: skip
        if missing:
            raise MaterialsMissing(missing)
    return given


def _check_attachments(by: Actor, ids: Iterable[int]) -> None:
    wanted = set(ids)
    found = {one.pk: one for one in attachments.attachments(seen_by=by, attachment_ids=wanted)}
    if wanted - set(found) or not all(attachment_rules.may_see(by, one) for one in found.values()):
        raise UnknownPaper


def _about(case: Any) -> dict[str, Any]:
    return {"subject": ref(case), "case_id": case.pk}


# ---- completing -----------------------------------------------------------------------------------------------------
@operation
def correct_filing(
    *, by: Actor, at: datetime, case_id: int, values: Mapping[str, Any] | None = None, materials: Materials | None = None, text: str = "",
) -> Filing:  # fmt: skip
    """Add what a notice named as missing; the application goes back to the department. Raises NotAnswered where something is still missing."""
    filing = Filing.objects.select_for_update(of=("self",)).select_related("case__procedure", "version", "item").get(case_id=case_id)
    ensure(rules.may_correct, filing.case)
    notice = Notice.objects.filter(filing=filing, answered_at__isnull=True).order_by("-number").first()
    given = {code: list(dict.fromkeys(ids)) for code, ids in (materials or {}).items() if ids}
    kept, sources = queries.values_of(seen_by=by, filing=filing)
    asked = set(notice.codes) if notice is not None else set()
    fields = {one.code: one for one in filing.version.fields}
    changed = {code: value for code, value in (values or {}).items() if code in fields}
    if changed:
        sources = {code: source for code, source in sources.items() if code not in changed}
        kept, faults = vocabulary.judge(filing.version.fields, {**kept, **changed}, frozenset(sources))
        if faults:
            language = get_language() or "zh"
            raise AnswersWrong(faults, {code: one.words(language) for code, one in fields.items()})
        filing.values_sealed = sealing.seal(json.dumps({"values": kept, "sources": sources}, ensure_ascii=False), "filing-values")
        filing.save(update_fields=["values_sealed"])
    _check_attachments(by, [one for ids in given.values() for one in ids])
    known = {rule.code: rule for rule in content.materials(filing.version.materials, kept)}
    unanswered = [code for code in sorted(asked) if code in known and code not in given]
    if unanswered:
        language = get_language() or "zh"
        raise NotAnswered(field=unanswered[0], names="、".join(known[code].words(language) for code in unanswered))
    for code, ids in given.items():
        if code not in known:
            raise UnknownMaterial(code=code)
        Material.objects.filter(filing=filing, code=code, state="asked").update(state="replaced")
        Material.objects.bulk_create([Material(town_id=current_town(), filing=filing, code=code, attachment_id=one, added_at=at) for one in ids])
    if notice is not None:
        notice.answered_at = at
        notice.save(update_fields=["answered_at"])
    cases.decide_case(by=by, at=at, case_id=filing.case_id, result="corrected", public_text=text)
    record(ApplicationCorrected(**_about(filing.case), codes=tuple(sorted({*given, *changed}))))
    return filing


@operation
def add_material(*, by: Actor, at: datetime, case_id: int, code: str, attachment_ids: Sequence[int]) -> Filing:
    """Add a paper that was allowed to follow, or that is to be replaced, while the application is being examined."""
    filing = Filing.objects.select_for_update(of=("self",)).select_related("case", "version").get(case_id=case_id)
    ensure(rules.may_add_material, filing.case)
    kept, _sources = queries.values_of(seen_by=by, filing=filing)
    if code not in {rule.code for rule in content.materials(filing.version.materials, kept)}:
        raise UnknownMaterial(code=code)
    if not 0 < len(attachment_ids) <= MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    _check_attachments(by, attachment_ids)
    Material.objects.filter(filing=filing, code=code, state="asked").update(state="replaced")
    Material.objects.bulk_create([Material(town_id=current_town(), filing=filing, code=code, attachment_id=one, added_at=at) for one in attachment_ids])
    case = case_queries.cases(seen_by=by).filter(pk=case_id).first()
    cases.note_case(by=by, at=at, case_id=case_id, text=str(_("Added: %(name)s") % {"name": _material_title(filing.version, code)}))
    record(MaterialAdded(**_about(case or filing.case), code=code))
    return filing


def _material_title(version: ItemVersion, code: str) -> str:
    return next((rule.title["zh"] for rule in content.materials(version.materials) if rule.code == code), code)
