"""What the language can say: real benefits as criteria. GONGZHI_BENEFITS names the file."""

import json
import os
from datetime import date
from pathlib import Path

import pytest

from gongzhi.foundation.criteria import language
from gongzhi.foundation.criteria.judging import judge
from gongzhi.foundation.criteria.masks import judge_many
from gongzhi.foundation.criteria.tests.benefits import Reading, Unexpressed

FILE = Path(os.environ.get("GONGZHI_BENEFITS") or "/work/shared/data/benefits/benefits.jsonl")
DAY = date(2026, 11, 30)

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"{FILE} is not on this machine; GONGZHI_BENEFITS names another")


@pytest.fixture(scope="module")
def benefits():
    return {row["id"]: row for row in map(json.loads, FILE.read_text(encoding="utf-8").splitlines()) if row}


@pytest.fixture(scope="module")
def criteria(benefits):
    """Return the conditions of each benefit that the language says whole."""
    reading, raw = Reading(), {}
    for code, benefit in benefits.items():
        try:
            raw[code] = reading.benefit(benefit)
        except Unexpressed:
            continue
    subject, nodes = reading.subject(), {}
    for code, definition in raw.items():
        try:
            nodes[code] = language.read(definition, subject)
        except language.BadCriterion:
            continue
    return nodes


def test_benefits(benefits, criteria, capsys):
    with capsys.disabled():
        print(json.dumps({"benefits": len(benefits), "expressed": len(criteria)}))
    assert len(benefits) > 0
    assert len(criteria) >= 0.95 * len(benefits)


def test_every_condition_of_a_benefit_is_in_its_criterion(benefits, criteria):
    for code, node in criteria.items():
        benefit = benefits[code]
        leaves = sum(not isinstance(one, language.Group) for one in language.walk(node))
        general = benefit.get("conditions_generales") or []
        halves = sum(len({"includes", "excludes"} & set(one)) == 2 for one in general)
        profiles = benefit.get("profils") or []
        said = len(general) + halves + len(benefit.get("conditions") or []) + sum(1 + len(one.get("conditions") or []) for one in profiles)
        assert leaves == said, code


# Worked out by hand from the texts: (benefit, what is held of the person, the answer).
BY_HAND = [
    ("aide-au-bafa-pour-une-session-de-formation-générale-caf-de-la-haute-savoie", {"departement": "74", "birth": "2010-11-30"}, True),  # 16 today
    ("aide-au-bafa-pour-une-session-de-formation-générale-caf-de-la-haute-savoie", {"departement": "74", "birth": "2010-12-01"}, False),  # 16 tomorrow
    ("aide-au-bafa-pour-une-session-de-formation-générale-caf-de-la-haute-savoie", {"departement": "73", "birth": "1990-01-01"}, False),
    ("aide-au-bafa-pour-une-session-de-formation-générale-caf-de-la-haute-savoie", {"birth": "1990-01-01"}, None),
    ("aide-demonstration-rdv-service-public", {"commune": "55039"}, True),
    ("aide-demonstration-rdv-service-public", {"commune": "55040"}, False),
    ("caf_pas_de_calais-aide-à-loutillage", {"profile": ["apprenti"], "birth": "2012-11-30", "departement": "62", "quotient_familial": "51.4166"}, True),
    ("caf_pas_de_calais-aide-à-loutillage", {"profile": ["apprenti"], "birth": "2012-11-30", "departement": "62", "quotient_familial": "51.4167"}, False),
     # 617 / 12
    ("caf_pas_de_calais-aide-à-loutillage", {"profile": ["apprenti"], "birth": "2006-11-30", "departement": "62", "quotient_familial": 0}, False),  # 20 today
    ("caf_pas_de_calais-aide-à-loutillage", {"profile": ["lyceen"], "birth": "2012-11-30", "departement": "62", "quotient_familial": 0}, False),
    ("caf_pas_de_calais-aide-à-loutillage", {"birth": "2012-11-30", "departement": "62", "quotient_familial": 0}, None),
    ("caf-haute-loire-aide-bafa-generale", {"birth": "2000-02-29", "departement": "43", "regime_securite_sociale": "regime_general"}, True),
    ("caf-haute-loire-aide-bafa-generale", {"birth": "2000-02-29", "departement": "43", "regime_securite_sociale": "regime_agricole"}, False),
    ("region-pays-de-la-loire-aide-acquisition-ordinateur-portable", {"region": "52", "profile": ["lyceen"], "annee_etude": "seconde"}, True),
    ("region-pays-de-la-loire-aide-acquisition-ordinateur-portable", {"region": "52", "profile": ["lyceen"]}, None),
    ("region-pays-de-la-loire-aide-acquisition-ordinateur-portable", {"region": "52", "profile": ["chomeur"]}, False),
    ("region-nouvelle-aquitaine-brevets-bafa-bafd-bnssa", {"region": "75", "birth": "1995-12-01", "quotient_familial": 1000}, True),  # 30, and 31 tomorrow
    ("region-nouvelle-aquitaine-brevets-bafa-bafd-bnssa", {"region": "75", "birth": "1995-11-30", "quotient_familial": 1000}, False),  # 31 today
    ("region-nouvelle-aquitaine-brevets-bafa-bafd-bnssa", {"region": "75", "birth": "2000-01-01", "quotient_familial": "1000.01"}, False),
]


@pytest.mark.parametrize(("code", "values", "wanted"), BY_HAND)
def test_answers_as_worked_out_by_hand(criteria, code, values, wanted):
    if code not in criteria:
        pytest.skip(f"{FILE} does not have {code}")
    assert judge(criteria[code], values, on=DAY).answer is wanted


def test_judges_all_benefits_for_many_as_for_one(criteria):
    people = [
        {"birth": f"{1940 + 7 * n % 80}-0{1 + n % 9}-1{n % 9}", "departement": ["74", "35", None][n % 3], "region": ["84", "53", "11"][n % 3],
        "commune": "35238",
            "quotient_familial": [None, 400, 900, "2152.5", 2153][n % 5], "profile": [["lyceen"], ["chomeur", "parent"], None, []][n % 4],
            "boursier": n % 2 == 0}
        for n in range(60)
    ]  # fmt: skip
    nodes = list(criteria.values())
    masks, table = judge_many(nodes, people, on=DAY)
    assert not table.faults
    answers = {True: 0, False: 0, None: 0}
    for node, (yes, no) in zip(nodes, masks, strict=True):
        for index, person in enumerate(people):
            answer = judge(node, person, on=DAY).answer
            answers[answer] += 1
            assert (yes[index], no[index]) == (answer is True, answer is False)
    assert min(answers.values()) > 0
