"""What the department does: names all that is missing at once, looks at papers, grants."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import operations as cases
from gongzhi.foundation.papers import holders
from gongzhi.foundation.papers import operations as papers
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.facts import ref
from gongzhi.kernel.operation import Refused, ensure, operation, record
from gongzhi.kernel.towns import current_town
from gongzhi.service_line.applications import content, queries, rules
from gongzhi.service_line.applications.facts import ApplicationGranted, CompletionAsked, MaterialJudged
from gongzhi.service_line.applications.models import Filing, Material, Notice


class NothingNamed(Refused):
    sentence = _("Name what is missing: everything at once, so that nobody has to come twice.")
    field = "missing"


class WhyAgain(Refused):
    sentence = _("You have asked before. Say why this could not be named the first time; it is counted against your unit.")
    field = "text"


class StillLacking(Refused):
    sentence = _("These papers were allowed to follow and are not there yet: %(names)s.")


class UnknownCode(Refused):
    sentence = _("The form has nothing called %(code)s.")
    field = "missing"


class SayWhat(Refused):
    sentence = _("Say in a few words what is wrong with it.")
    field = "says"


@operation
def ask_correction(*, by: Actor, at: datetime, case_id: int, missing: Iterable[str], text: str = "", says: Mapping[str, str] | None = None) -> Filing:
    """Name all that is missing in one notice (行政许可法第三十二条); the clock has not begun. A second notice is counted against the department.

    `missing`: codes of papers and fields. `says`: what is wrong with each. Raises NothingNamed, and WhyAgain for a further notice without its reason.
    """
    filing = Filing.objects.select_for_update(of=("self",)).select_related("case__procedure", "version").get(case_id=case_id)
    ensure(rules.may_ask_correction, filing.case)
    codes = list(dict.fromkeys(missing))
    if not codes:
        raise NothingNamed
    titles = {rule.code: rule.title["zh"] for rule in content.materials(filing.version.materials)} | {
        one.code: one.title["zh"] for one in filing.version.fields
    }
    unknown = [code for code in codes if code not in titles]
    if unknown:
        raise UnknownCode(code=unknown[0])
    number = filing.notices + 1
    if number > 1 and not text.strip():
        raise WhyAgain
    said = says or {}
    lines = [f"{n}. {titles[code]}" + (f"：{said[code].strip()}" if said.get(code, "").strip() else "") for n, code in enumerate(codes, start=1)]
    for code in codes:
        Material.objects.filter(filing=filing, code=code, state__in=["given", "good"]).update(state="asked", says=said.get(code, "").strip()[:200])
    Notice.objects.create(town_id=current_town(), filing=filing, number=number, codes=codes, organ_id=filing.organ_id, at=at)
    filing.notices = number
    filing.save(update_fields=["notices"])
    told = "\n".join([*lines, *([text.strip()] if text.strip() else [])])
    cases.decide_case(by=by, at=at, case_id=case_id, result="ask", public_text=told)
    record(CompletionAsked(subject=ref(filing.case), case_id=case_id, number=number, organ_id=filing.organ_id, codes=tuple(codes)))
    return filing


@operation
def judge_material(*, by: Actor, at: datetime, case_id: int, material_id: int, good: bool, says: str = "") -> Material:
    """Say of a paper that it will do, or what is wrong with it. A department that wants another stops its own clock by its task, never the applicant's."""
    material = Material.objects.select_for_update(of=("self",)).select_related("filing__case").get(pk=material_id, filing__case_id=case_id)
    ensure(rules.may_judge_material, material.filing.case)
    if not good and not says.strip():
        raise SayWhat
    material.state, material.says = "good" if good else "asked", "" if good else says.strip()[:200]
    material.save(update_fields=["state", "says"])
    record(MaterialJudged(subject=ref(material.filing.case), case_id=case_id, code=material.code, state=material.state))
    return material


@operation
def grant(
    *, by: Actor, at: datetime, case_id: int, text: str = "", internal_text: str = "", on_paper: bool = False, attachment_ids: Iterable[int] = (),
) -> Filing:  # fmt: skip
    """Grant what was applied for. What was allowed to follow must be there (StillLacking). `on_paper`: decided on paper and entered afterwards."""
    filing = Filing.objects.select_for_update(of=("self",)).select_related("case__procedure", "version", "item").get(case_id=case_id)
    ensure(rules.may_grant, filing.case)
    lacking = queries.lacking(seen_by=by, filing=filing)
    if lacking:
        raise StillLacking(names="、".join(one.title for one in lacking))
    if on_paper:
        filing.decided_online = False
        filing.save(update_fields=["decided_online"])
    said: dict[str, Any] = {"public_text": text, "internal_text": internal_text, "attachment_ids": attachment_ids}
    cases.decide_case(by=by, at=at, case_id=case_id, result="grant", **said)
    _issue_result(by, at, filing, text)
    record(ApplicationGranted(subject=ref(filing.case), case_id=case_id, item=filing.item.code, on_paper=on_paper))
    return filing


def _issue_result(by: Actor, at: datetime, filing: Filing, text: str) -> None:
    """Issue what a matter promises as its result, where it promises one and says whose it is; it stands or falls with the decision."""
    version, case = filing.version, filing.case
    holder = _holder(filing)
    if not version.result or holder is None:
        return
    today = queries.today(seen_by=by, at=at)
    papers.issue_paper(
        by=by, at=at, sort="certificate", title=version.result, organ_id=filing.organ_id, case_id=case.pk, holder=holder,
        valid_until=_years_after(today, version.years) if version.years else None,
        data={
            "facts": [["事项", version.title], ["依据", version.basis], ["办件编号", case.number]],
            "body": ["经审查，符合规定的条件，准予办理。", *([text.strip()] if text.strip() else [])],
        },
    )  # fmt: skip


def _holder(filing: Filing) -> holders.Holder | None:
    """Return whose the result is: the firm by its code, the person by the name in the application; None where the form asks for no name."""
    case = filing.case
    values, _sources = queries.values_of(seen_by=CLOCK, filing=filing)
    by_source = {one.source: values[one.code] for one in filing.version.fields if one.source and one.code in values}
    if case.raised_for_id is not None:
        name, code = str(by_source.get("firm.name") or case.raised_for), str(by_source.get("firm.code") or "")
        return holders.firm(code, name) if code else holders.organ(case.raised_for_id, name)
    name = str(by_source.get("person.name") or "").strip()
    return holders.person(case.raised_by_id, name) if name and case.raised_by_id is not None else None


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
