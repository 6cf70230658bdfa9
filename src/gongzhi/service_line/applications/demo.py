"""Matters and applications of a demo town: the shipped matters offered, and two months of applications in every state, through operations."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.kernel.operation import Refused
from gongzhi.registers.firms.codes import check_character
from gongzhi.registers.residents.numbers import check_digit
from gongzhi.service_line.applications import content, holding, operations, queries, vocabulary
from gongzhi.service_line.applications.models import ServiceItem

ITEMS = Path(__file__).with_name("data") / "items.yaml"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
REASONS = (("场所不符合规定的间距要求，可以整改后重新申请。", "第二十七条"), ("提交的材料与核查情况不一致。", "第三十一条"))
GRANTS = ("经审查符合条件，准予办理。结果已存入您的证照，可以随时下载。", "符合条件，已办结。", "准予。请按承诺的条件经营，我们会在三十天内上门看一次。")
OPINIONS = ("同意。雨水排口设沉淀池，距河道不小于十米。", "同意接入，接口位置见附图。", "无意见。", "同意，施工期间不得占用人行道。")
SHOPS = ("桂花巷小馆", "溪岸面馆", "青山茶铺", "古镇豆花", "北街小炒", "云上书咖", "渡口羊肉", "梅林点心", "三味粥铺", "老粮站烘焙")

At = Callable[[datetime, Callable[[datetime], Any]], None]


def offer(*, by: Actor, at: datetime, units: set[str]) -> list[ServiceItem]:
    """Draft and adopt the shipped matters whose departments this town has; return what is offered."""
    for one in yaml.safe_load(ITEMS.read_text(encoding="utf-8")):
        wanted = {one["unit"], *(branch["unit"] for branch in one.get("branches") or [])}
        if wanted <= units:
            operations.draft_item(by=by, at=at, content_of=one)
            try:
                operations.adopt_item(by=by, at=at, code=one["code"])
            except operations.BadItem:  # a bundle whose parts this town does not offer stays a draft
                continue
    return queries.offered(seen_by=by)


def answers(item: ServiceItem, chance: random.Random, held: set[str]) -> dict[str, Any]:
    """Return made answers to a matter's form; what the town holds is left to it."""
    assert item.current is not None
    found: dict[str, Any] = {}
    for one in item.current.fields:
        if not vocabulary.is_asked(one, found) or one.source in held:
            continue
        found[one.code] = _answer(one, chance)
    return found


def _answer(one: vocabulary.FormField, chance: random.Random) -> Any:
    if one.kind in ("choice", "choices"):
        value = chance.choice([value for value, _words in one.choices])
        return [value] if one.kind == "choices" else value
    if one.kind in ("yes", "flag"):
        return one.kind == "yes" or chance.random() < 0.5
    if one.kind in ("number", "whole"):
        least = one.least if one.least is not None else 1.0
        amount = min(least + chance.randint(1, 40), one.most if one.most is not None else 10_000.0)
        return int(amount) if one.kind == "whole" else float(amount)
    if one.kind == "date":
        return f"2026-12-{chance.randint(10, 28):02d}"
    made = {"phone": "13912340117", "email": "a@example.cn", "postcode": "311100"}.get(one.pattern)
    if one.pattern == "id_card":
        return f"33011019880402214{check_digit('33011019880402214')}"
    if one.pattern == "credit_code":
        return f"91330110MA2B0009X{check_character('91330110MA2B0009X')}"
    if made:
        return made
    if one.code in ("shop", "new_name"):
        return chance.choice(SHOPS)
    if one.kind == "long":
        return "按照规定如实填写，详见附件。"
    return {"place": f"溪岸路{chance.randint(2, 80)}号", "bank": "6222 0212 0300 4567 890", "plot": "数字园区3号地块"}.get(one.code, "见附件")


class Story:
    """Applications as they would have gone, each act at its own time."""

    def __init__(self, *, at: At, after: Callable[[datetime, float], datetime], actor: Callable[[int, datetime], Actor], officers: dict[int, list[int]],
                 applicants: list[int], firms: dict[int, int], chance: random.Random) -> None:  # fmt: skip
        self.at, self.after, self.actor, self.officers, self.applicants, self.firms, self.chance = at, after, actor, officers, applicants, firms, chance

    def begin(self, item: ServiceItem, moment: datetime, *, fate: str = "") -> None:
        """Let one application of a matter come in at a moment; `fate`: how it goes, else by chance."""
        self.at(moment, lambda at: self._file(item, at, fate))

    def _officer(self, organ_id: int, at: datetime) -> Actor:
        return self.actor(self.chance.choice(self.officers[organ_id]), at)

    def _file(self, item: ServiceItem, at: datetime, fate: str) -> None:
        version = item.current
        assert version is not None
        firm = "firm" in version.applicants and self.firms and (version.is_for_firms_only or self.chance.random() < 0.3)
        organ_id, person_id = self.chance.choice(sorted(self.firms.items())) if firm else (None, self.chance.choice(self.applicants))
        window = not firm and self.chance.random() < 0.08 and fate == ""
        by = self._officer(item.organ_id, at) if window else self.actor(person_id, at)
        wanted = {one.source for one in version.fields if one.source}
        held = set() if window else set(holding.held(seen_by=by, organ_id=organ_id, wanted=wanted))
        told = answers(item, self.chance, held)
        papers = {rule.code: [self._paper(by, at, rule.title["zh"])] for rule in content.materials(version.materials, told) if not rule.later}
        if window:
            filing, _code = operations.file_at_window(by=by, at=at, code=item.code, values=told, name="张三", phone="", materials=papers, promise=True)
        else:
            filing = operations.file_application(by=by, at=at, code=item.code, values=told, materials=papers, organ_id=organ_id, promise=True)
        parts = [filing.case_id]
        if version.pattern == "bundle":
            parts = list(case_queries.cases(seen_by=CLOCK).filter(part_of_id=filing.case_id).order_by("pk").values_list("pk", flat=True))
        for case_id in parts:
            self._look(case_id, by, at, fate)

    def _paper(self, by: Actor, at: datetime, name: str) -> int:
        return int(attachments.add_attachment(by=by, at=at, content=PDF, name=f"{name}.pdf").pk)

    def _look(self, case_id: int, applicant: Actor, at: datetime, fate: str) -> None:
        case = case_queries.cases(seen_by=CLOCK).get(pk=case_id)
        item = queries.filing_of(seen_by=CLOCK, case=case)
        assert item is not None
        version, organ_id = item.version, item.organ_id
        fate = fate or self.chance.choices(("good", "correct", "refuse", "withdraw", "wait", "late"), (66, 14, 5, 3, 8, 4))[0]
        begins = self.after(at, self.chance.uniform(0.5, 6))
        if fate == "wait":
            return
        if fate == "withdraw":
            self.at(begins, lambda now: _quietly(lambda: cases.withdraw_case(by=applicant, at=now, case_id=case_id, reason="暂时不办了")))
            return
        if case.stage == "decide":
            self._decide(case_id, organ_id, applicant, begins, fate, version.promised_days)
            return
        if fate == "correct":
            codes = [rule.code for rule in content.materials(version.materials, {})][:2] or [version.fields[-1].code]
            self.at(begins, lambda now: operations.ask_correction(
                by=self._officer(organ_id, now), at=now, case_id=case_id, missing=codes, says={codes[0]: "没有加盖公章，看不清日期"}))  # fmt: skip
            mended = self.after(begins, self.chance.uniform(6, 24))
            self.at(mended, lambda now: self._mend(case_id, applicant, now))
            begins = self.after(mended, 3)
            fate = "good"
        self.at(begins, lambda now: cases.decide_case(by=self._officer(organ_id, now), at=now, case_id=case_id, result="admit"))
        self.at(begins + timedelta(minutes=1), lambda now: self._branches(case_id, organ_id, applicant, now, fate, version.promised_days))

    def _mend(self, case_id: int, applicant: Actor, at: datetime) -> None:
        case = case_queries.cases(seen_by=CLOCK).get(pk=case_id)
        filing = queries.filing_of(seen_by=CLOCK, case=case)
        assert filing is not None
        asked = set(queries.notices_of(seen_by=CLOCK, filing=filing)[-1].codes) & {rule.code for rule in content.materials(filing.version.materials)}
        operations.correct_filing(by=applicant, at=at, case_id=case_id, materials={code: [self._paper(applicant, at, code)] for code in asked})

    def _branches(self, case_id: int, organ_id: int, applicant: Actor, at: datetime, fate: str, days: int) -> None:
        case = case_queries.cases(seen_by=CLOCK).get(pk=case_id)
        latest = at
        for task in case_queries.tasks_of_case(seen_by=CLOCK, case=case):
            if task.organ_id is None or (fate == "branches" and task.code in ("pipes", "street")):
                continue
            moment = self.after(at, self.chance.uniform(4, 24))
            latest = max(latest, moment)

            def answer(now: datetime, task_id: int = task.pk, unit: int = int(task.organ_id)) -> None:
                cases.answer_join(
                    by=self._officer(unit, now), at=now, task_id=task_id, result=self.chance.choice(OPINIONS),
                    verdict=self.chance.choice(("agreed", "agreed", "conditional")),
                )  # fmt: skip

            self.at(moment, answer)
        if fate == "branches":
            street = next((task for task in case_queries.tasks_of_case(seen_by=CLOCK, case=case) if task.code == "street" and task.organ_id), None)
            if street is not None and street.organ_id is not None:
                street_organ = street.organ_id
                self.at(self.after(at, 12), lambda now: cases.stop_task(
                    by=self._officer(street_organ, now), at=now, task_id=street.pk, ground="correction", basis="《消防法》第十一条",
                    reason="沿街立面图缺夜景照明说明"))  # fmt: skip
            return
        if fate == "review":
            self.at(self.after(at, 3), lambda now: cases.decide_case(
                by=self._officer(organ_id, now), at=now, case_id=case_id, result="review", public_text="组织五位专家评审，最长十日。",
                clause="行政许可法第四十五条"))  # fmt: skip
            return
        self._decide(case_id, organ_id, applicant, self.after(latest, self.chance.uniform(1, 10)), fate, days)

    def _decide(self, case_id: int, organ_id: int, applicant: Actor, at: datetime, fate: str, days: int) -> None:
        if fate == "late":
            at = self.after(at, days * 7 + 9)
        if fate == "refuse":
            text, clause = self.chance.choice(REASONS)
            self.at(
                at, lambda now: cases.decide_case(by=self._officer(organ_id, now), at=now, case_id=case_id, result="refuse", public_text=text, clause=clause)
            )
            return
        self.at(at - timedelta(minutes=20), lambda now: self._supply(case_id, applicant, now))
        on_paper = self.chance.random() < 0.02
        self.at(at, lambda now: operations.grant(by=self._officer(organ_id, now), at=now, case_id=case_id, text=self.chance.choice(GRANTS), on_paper=on_paper))

    def _supply(self, case_id: int, applicant: Actor, at: datetime) -> None:
        case = case_queries.cases(seen_by=CLOCK).get(pk=case_id)
        filing = queries.filing_of(seen_by=CLOCK, case=case)
        assert filing is not None
        if not case.is_open or filing.way == "window":
            return
        for one in queries.lacking(seen_by=CLOCK, filing=filing):
            operations.add_material(by=applicant, at=at, case_id=case_id, code=one.rule.code, attachment_ids=[self._paper(applicant, at, one.title)])


def _quietly(act: Callable[[], Any]) -> None:
    try:
        act()
    except Refused:
        return
