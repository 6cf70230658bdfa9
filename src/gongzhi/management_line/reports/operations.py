"""Acts of reports; what happens to a case afterwards are acts of the engine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import codes, following
from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases import queries as case_queries
from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs import queries as organs_of_town
from gongzhi.foundation.people import masking
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.territory import operations as territories
from gongzhi.foundation.territory import queries as territory
from gongzhi.foundation.territory.datum import to_wgs84
from gongzhi.kernel import numbers, rows
from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.management_line.reports import queries, rules, suggestion
from gongzhi.management_line.reports.facts import ImportPrepared, ReportFiled, ReportsImported, SuggestionTrained
from gongzhi.management_line.reports.mapping import Event, Mapping, Named
from gongzhi.management_line.reports.models import Filing

MOST_PHOTOS = 6


class UnknownCategory(Refused):
    sentence = _("This category does not exist; please choose one from the list.")
    field = "category"


class NothingSaid(Refused):
    sentence = _("Please say what you saw, or add a photo.")
    field = "text"


class TooManyPhotos(Refused):
    sentence = _("At most %(most)d photos.")
    field = "photos"


class BadPhone(Refused):
    sentence = _("This is not a phone number: digits, spaces and dashes, 5 to 20 of them.")
    field = "phone"


class KeyUsed(Refused):
    sentence = _("This submission key was used for another report; use a new one.")
    field = "submission_key"


class KeyTooShort(Refused):
    sentence = _("A submission key needs at least 16 characters, such as a UUID.")
    field = "submission_key"


class CannotTrain(Refused):
    sentence = _("Nothing was learned: %(why)s.")


@operation
def file_report(
    *, by: Actor, at: datetime, text: str, title: str = "", category_id: int | None = None, category_code: str = "",
    longitude: float | None = None, latitude: float | None = None, datum: str = "wgs84", address: str = "", area_id: int | None = None,
    photos: Iterable[int] = (), phone: str = "", email: str = "", name: str = "", submission_key: str = "", origin: str = "resident",
    suggested_code: str = "", confidence: float | None = None, door: str = "page", client: str = "", media_url: str = "",
) -> tuple[Any, str]:  # fmt: skip
    """File a report; return its case and the follow code of whoever sent it without signing in ("" for who signed in).

    `photos`: ids of attachments. `phone`, `email`, `name`: left to be asked back, sealed. The same `submission_key` gives
    the same case and the same code. Raises UnknownCategory, NothingSaid, TooManyPhotos, BadPhone, KeyUsed, and what
    `cases.open_case` refuses.
    """
    ensure(rules.may_file)
    photo_ids = list(dict.fromkeys(photos))
    text, title = text.strip(), title.strip()
    if not text and not title:
        raise NothingSaid
    if len(photo_ids) > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    if submission_key and len(submission_key) < 16 and not by.is_signed_in:
        raise KeyTooShort
    category = None
    if category_code:
        category = queries.category_by_code(seen_by=by, code=category_code, at=at)
    elif category_id is not None:
        category = queries.category_by_id(seen_by=by, category_id=category_id, at=at)
    if category is None and (category_code or category_id is not None):
        raise UnknownCategory
    phone = _phone(phone)
    key = f"report:{_scope(by)}:{submission_key}"[:80] if submission_key else None
    signed_in = by.is_signed_in and by.person_id is not None
    code = "" if signed_in else following.code_for(key)
    person_id = by.person_id
    twin = bool(key) and _is_known(key)
    if not signed_in and (phone or email.strip()) and not twin:
        # unproved: a record of its own, never joined to somebody who may really have this number
        person = people.register_person(
            by=by, at=at, kind="resident", public_name=str(_("Resident")), name=name.strip()[:40], phone=phone, email=email.strip()[:254]
        )
        person_id = person.pk
    taken = bool(suggested_code) and category is not None and category.code == suggested_code

    def filing(case: Any) -> Filing:
        return rows.make(
            Filing, town_id=current_town(), case=case, door=door, client=client[:60], suggested=suggested_code[:20], confidence=confidence, taken=taken,
            contact_agreed_at=at if phone or email else None, media_url=media_url[:400], filed_at=at,
        )  # fmt: skip

    need = cases.Need(
        kind="report", title=title or _title(masking.masked(text)), text=text, category_id=category.pk if category else None,
        longitude=longitude, latitude=latitude, datum=datum, address=address, area_id=area_id, origin=origin, raised_by_id=person_id,
        submission_key=key, attachment_ids=tuple(photo_ids), follow_code_hash=codes.digest(code) if code else None,
    )  # fmt: skip
    case = cases.open_case(by=by, at=at, need=need, beside=lambda opened: [filing(opened)])
    if case.text != masking.masked(text):
        raise KeyUsed(case)
    if case.opened_with is None:
        Filing.objects.bulk_create([filing(case)], ignore_conflicts=True)  # the same submission again keeps its first filing
    record(
        ReportFiled(
            subject=ref(case), case_id=case.pk, origin=case.origin, anonymous=not signed_in, suggested=suggested_code[:20], taken=taken,
            public=case.visibility == "public",
        )
    )  # fmt: skip
    return case, code


def _scope(by: Actor) -> str:
    """Return what keeps one sender's keys apart from another's."""
    return f"p{by.person_id}" if by.person_id else by.system or "a"


def _is_known(key: str | None) -> bool:
    return case_queries.cases(seen_by=Actor(kind="system", system="reports")).filter(submission_key=key).exists()


def _title(text: str) -> str:
    """Return the first sentence of a text, cut where it grows long."""
    first = text.splitlines()[0]
    for mark in "。！？!?；;":
        first = first.split(mark, 1)[0]
    return first[:40].rstrip("，,、 ") + ("…" if len(first) > 40 else "") if first else text[:40]


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    kept = numbers.telephone(text)
    if not kept:
        raise BadPhone
    return kept


@operation
def follow_instead(*, by: Actor, at: datetime, case_id: int, text: str = "", photos: Iterable[int] = (), submission_key: str = "") -> tuple[Any, str]:
    """Follow a case that is already there instead of filing the same; return it and a follow code ("" for who signed in).

    What was written and photographed is added to the case as a note.
    """
    ensure(rules.may_file)
    signed_in = by.is_signed_in and by.person_id is not None
    code = "" if signed_in else following.code_for(f"follow:{case_id}:{submission_key}" if submission_key else None)
    if code:
        held = case_queries.follow_by_code(seen_by=by, code=code)
        if held is not None:  # sent twice
            record(ReportFiled(subject=ref(held.case), case_id=held.case.pk, origin="repeat", anonymous=True, suggested="", taken=False))
            return held.case, code
    case = cases.follow_case(
        by=by, at=at, case_id=case_id, person_id=by.person_id if signed_in else None, follow_code_hash=codes.digest(code) if code else None
    )
    if text.strip():
        held = case_queries.follow_by_code(seen_by=by, code=code) if code else None
        writer = by.with_cases([case.pk], [held.party_id]) if held is not None else by
        cases.note_case(by=writer, at=at, case_id=case.pk, text=text.strip(), internal=False, attachment_ids=list(photos)[:MOST_PHOTOS])
    record(
        ReportFiled(
            subject=ref(case), case_id=case.pk, origin="repeat", anonymous=not signed_in, suggested="", taken=False,
            public=case.visibility == "public",
        )
    )  # fmt: skip
    return case, code


@operation
def train_suggestions(*, by: Actor, at: datetime, least_texts: int = 200) -> dict[str, Any]:
    """Train the present town's own model on its closed reports, keep it, and return its measured scores.

    Categories with fewer than five texts are left to the keywords. Raises CannotTrain.
    """
    ensure(rules.may_train)
    titles, texts, labels = queries.teaching(seen_by=by)
    counts = {label: labels.count(label) for label in set(labels)}
    kept = [i for i, label in enumerate(labels) if counts[label] >= 5]
    if len(kept) < least_texts:
        raise CannotTrain(why=str(_("%(n)d closed reports in categories with five or more, %(least)d are needed")) % {"n": len(kept), "least": least_texts})
    try:
        model = suggestion.train([titles[i] for i in kept], [texts[i] for i in kept], [labels[i] for i in kept])
    except suggestion.TooFewTexts as error:
        raise CannotTrain(why=str(error)) from error
    model.scores |= {"trained_at": at.isoformat(), "source": "closed reports"}
    path: Path = queries.model_file(seen_by=ANYONE)
    suggestion.save(model, path)
    town = territory.town(seen_by=by)
    record(SuggestionTrained(subject=ref(town), texts=len(kept), classes=len(model.classes), macro_f1=model.scores["macro_f1"]))
    return model.scores


# ---- another system's events ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Prepared:
    """What a town has for the events of a file: ids by code."""

    categories: dict[str, int]
    areas: dict[str, tuple[int, str]]  # code → id, path
    organs: dict[str, int]


class UnknownDispatch(Refused):
    sentence = _("The mapping lets “%(code)s” dispatch, but neither the town nor the mapping has such a unit.")


@operation
def prepare_import(*, by: Actor, at: datetime, how: Mapping, events: Iterable[Event]) -> Prepared:
    """Give the present town the categories, areas and organs that events name and it lacks; what it has is left as it is.

    The procedure of the kind is adopted from the day on which the mapping says that the town was founded.
    """
    ensure(rules.may_import)
    began = datetime.combine(how.founded, time.min, tzinfo=how.zone)
    events = list(events)
    if how.kind not in {kind.code for kind in kinds.kinds()}:
        raise cases.UnknownKindOfCase(kind=how.kind)
    if not case_queries.procedure_versions(seen_by=by, kind=how.kind).exists():
        shipped = kinds.kind_of(how.kind).procedure.read_text(encoding="utf-8")
        cases.adopt_procedure(by=by, at=at, kind=how.kind, definition=procedures.read(shipped), reason=how.source, effective_from=began)
    made_areas = _areas(by, began, events)
    prepared = Prepared(_categories(by, began, how, events), made_areas, _organs(by, began, how, events, made_areas))
    dispatch = how.raw.get("dispatch")
    if dispatch and organs_of_town.organ_by_code(seen_by=by, code=str(dispatch)) is None:
        raise UnknownDispatch(code=dispatch)
    if dispatch and "dispatch_organ" not in territory.town(seen_by=by).settings:
        territories.set_town_rules(by=by, at=at, dispatch_organ=dispatch)
    record(ImportPrepared(subject=ref(territory.town(seen_by=by)), source=how.source, categories=len(prepared.categories), organs=len(prepared.organs)))
    return prepared


def _categories(by: Actor, at: datetime, how: Mapping, events: list[Event]) -> dict[str, int]:
    known: dict[str, int] = {}
    for event in events:
        parent_id = None
        for level in event.categories:
            if level.code not in known:
                found = case_queries.category_by_code(seen_by=by, code=level.code)
                if found is None:
                    found = cases.define_category(
                        by=by, at=at, code=level.code, name=level.name, life=event.life, parent_id=parent_id, limit=how.limit, basis=how.basis
                    )
                known[level.code] = found.pk
            parent_id = known[level.code]
    return known


def _areas(by: Actor, at: datetime, events: list[Event]) -> dict[str, tuple[int, str]]:
    known: dict[str, tuple[int, str]] = {}
    for event in events:
        parent_id = None
        for level in event.areas:
            if level.code not in known:
                found = territory.area_by_code(seen_by=by, code=level.code)
                if found is None:
                    found = territories.define_area(by=by, at=at, level=level.sort, code=level.code, name=level.name, parent_id=parent_id)
                known[level.code] = found.pk, found.path
            parent_id = known[level.code][0]
    return known


def _organs(by: Actor, at: datetime, how: Mapping, events: list[Event], areas: dict[str, tuple[int, str]]) -> dict[str, int]:
    known: dict[str, int] = {}
    wanted = [Named(str(one["code"]), str(one["name"]), str(one.get("kind", "department"))) for one in how.raw.get("organs") or []]
    for organ in (*wanted, *(event.organ for event in events if event.organ is not None)):
        if organ.code not in known:
            found = organs_of_town.organ_by_code(seen_by=by, code=organ.code)
            if found is None:
                found = organs.define_organ(by=by, at=at, kind=organ.sort or "department", code=organ.code, name=organ.name)
            known[organ.code] = found.pk
    return known


@operation
def import_events(*, by: Actor, at: datetime, how: Mapping, events: Sequence[Event], prepared: Prepared, repeats: dict[str, str]) -> dict[str, str]:
    """Take a batch of events over, all or none; return by id what became of each: imported, merged, or known from before.

    The same event is the same case however often the file is read: its key is the source with the event's id.
    """
    ensure(rules.may_import)

    def key(ident: str) -> str:
        return f"import:{how.source}:{ident}"[:80]

    known = []
    for event in events:
        area_id, area_path = prepared.areas[event.areas[-1].code] if event.areas else (None, "")
        longitude, latitude = to_wgs84(*event.point, how.datum) if event.point else (None, None)
        if longitude is not None and latitude is not None:
            grid = territory.locate(seen_by=by, longitude=longitude, latitude=latitude)
            area_id, area_path = (grid.pk, grid.path) if grid is not None else (area_id, area_path)
        known.append(
            cases.KnownCase(
                key=key(event.id), origin_ref=f"{how.source}:{event.id}", title=event.title, text=event.text, opened_at=event.opened_at,
                category_id=prepared.categories[event.categories[-1].code] if event.categories else None, area_id=area_id, area_path=area_path,
                address=event.address, longitude=longitude, latitude=latitude, lead_id=prepared.organs[event.organ.code] if event.organ else None,
                origin=event.origin, closed=event.closed, closed_at=event.closed_at, outcome=event.outcome,
                same_as=key(repeats[event.id]) if event.id in repeats else "",
            )
        )  # fmt: skip
    made = cases.import_cases(by=by, at=at, kind=how.kind, known=known)
    Filing.objects.bulk_create(
        [Filing(town_id=current_town(), case=case, door=Filing.Door.IMPORT, client=how.source[:60], filed_at=at) for case in made.values()]
    )
    outcome = {event.id: "known" if key(event.id) not in made else "merged" if event.id in repeats else "imported" for event in events}
    counted = Counter(outcome.values())
    record(
        ReportsImported(
            subject=ref(territory.town(seen_by=by)), source=how.source, imported=counted["imported"], known=counted["known"], merged=counted["merged"]
        )
    )  # fmt: skip
    return outcome
