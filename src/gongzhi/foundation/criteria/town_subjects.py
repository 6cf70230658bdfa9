"""The subjects that every town has: residents and firms, with the fields by which benefits and policies decide.

Declared here so that criteria can be drafted before a register is filled; a register brings its rows by `supply`.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.criteria.subjects import Field, Sort, Subject, register

RESIDENT = register(Subject(
    "resident", _("Resident"),
    (
        Field("birth", _("Date of birth"), Sort.DATE, span_title=_("Age")),
        Field("sex", _("Sex"), Sort.CHOICE, choices={"female": _("female"), "male": _("male")}),
        Field("registered", _("Registered residence in this town"), Sort.FLAG),
        Field("since", _("Living here since"), Sort.DATE, span_title=_("Time of living here")),
        Field("areas", _("Area of the dwelling"), Sort.CODES),
        Field("lives_alone", _("Lives alone"), Sort.FLAG),
        Field("household_size", _("People in the household"), Sort.NUMBER, unit="person"),
        Field("income_per_head", _("Income of the household by head"), Sort.NUMBER, unit="CNY/month"),
        Field("employment", _("Occupation"), Sort.CHOICE, choices={
            "employed": _("employed"), "self_employed": _("self-employed"), "unemployed": _("registered as unemployed"),
            "student": _("at school or university"),
            "retired": _("retired"), "none": _("none")}),
        Field("disability", _("Grade of disability"), Sort.CHOICE, choices={
            "none": _("none"), "1": _("grade one"), "2": _("grade two"), "3": _("grade three"), "4": _("grade four")}),
        Field("supports", _("Receives"), Sort.CHOICES, choices={
            "minimum_income": _("minimum living allowance"), "destitute": _("support of the destitute"), "veteran": _("support of veterans")}),
        Field("children", _("Children"), Sort.LIST, fields=(
            Field("birth", _("Date of birth"), Sort.DATE, span_title=_("Age")), Field("in_school", _("At school"), Sort.FLAG))),
    ),
    samples=lambda on: _residents(on),
))  # fmt: skip

FIRM = register(Subject(
    "firm", _("Firm"),
    (
        Field("founded", _("Founded on"), Sort.DATE, span_title=_("Time since it was founded")),
        Field("moved_in", _("Moved in on"), Sort.DATE, span_title=_("Time since it moved in")),
        Field("industry", _("Industry (GB/T 4754)"), Sort.CODE),
        Field("size", _("Size class"), Sort.CHOICE, choices={"large": _("large"), "medium": _("medium"), "small": _("small"), "micro": _("micro")}),
        Field("areas", _("Area of the premises"), Sort.CODES),
        Field("staff", _("People employed"), Sort.NUMBER, unit="person"),
        Field("turnover", _("Turnover"), Sort.NUMBER, unit="CNY10k/year"),
        Field("tax", _("Taxes paid"), Sort.NUMBER, unit="CNY10k/year"),
        Field("research", _("Spent on research"), Sort.NUMBER, unit="CNY10k/year"),
        Field("floor", _("Floor space"), Sort.NUMBER, unit="m2"),
        Field("high_tech", _("Recognised as high-tech"), Sort.FLAG),
        Field("breaches", _("Breaches in the last year"), Sort.NUMBER),
    ),
    samples=lambda on: _firms(on),
))  # fmt: skip


def _residents(on: date) -> Iterator[dict[str, Any]]:
    """Yield made residents, the same on every machine; some of what a register holds is not known of some."""
    chance = random.Random(26)  # noqa: S311 - believable rows, no secret
    for _number in range(2_000):
        age = min(int(chance.triangular(0, 98, 42) * 365.25), 35_000)
        single = chance.random() < 0.12
        yield {
            "birth": on - timedelta(days=age), "sex": chance.choice(["female", "male"]), "registered": chance.random() < 0.7,
            "since": on - timedelta(days=int(age * chance.random())), "lives_alone": single if chance.random() < 0.95 else None,
            "household_size": 1 if single else chance.randint(2, 6),
            "income_per_head": None if chance.random() < 0.2 else int(chance.lognormvariate(8, 0.7)),
            "employment": "student" if age < 6_600 else "retired" if age > 22_000 else chance.choice(["employed", "employed", "self_employed",
            "unemployed", "none"]),
            "disability": chance.choices(["none", "1", "2", "3", "4"], [94, 1, 1, 2, 2])[0],
            "supports": frozenset(["minimum_income"]) if chance.random() < 0.03 else frozenset(),
            "children": [{"birth": on - timedelta(days=chance.randint(0, 9_000)), "in_school": None} for _child in range(chance.choices([0, 1, 2, 3], [6,
            3, 2, 1])[0])],
        }  # fmt: skip


def _firms(on: date) -> Iterator[dict[str, Any]]:
    chance = random.Random(27)  # noqa: S311 - believable rows, no secret
    for _number in range(500):
        staff = max(1, int(chance.lognormvariate(3.2, 1.3)))
        yield {
            "founded": on - timedelta(days=chance.randint(10, 9_000)), "industry": chance.choice(["C17", "C26", "C33", "C35", "H62", "I65"]),
            "size": "micro" if staff < 20 else "small" if staff < 300 else "medium" if staff < 1_000 else "large", "staff": staff,
            "turnover": None if chance.random() < 0.15 else int(staff * chance.lognormvariate(3.5, 0.6)), "floor": chance.randint(60, 30_000),
            "high_tech": chance.random() < 0.1, "breaches": chance.choices([0, 1, 2], [90, 8, 2])[0],
        }  # fmt: skip
