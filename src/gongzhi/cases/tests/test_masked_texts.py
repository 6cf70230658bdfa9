"""Numbers of people that were written before they were masked, or came in with the past, are masked where others read them."""

from datetime import timedelta

import pytest

from gongzhi.cases import operations as cases
from gongzhi.cases import queries
from gongzhi.cases.models import Case, Rating, Step
from gongzhi.cases.tests.factories import MAKER, make_town_with_list
from gongzhi.kernel.actors import CLOCK

pytestmark = pytest.mark.django_db
WRITTEN = "楼上漏水，找物业老李 138 0000 1234，身份证 11010519491231002X"
MASKED = "楼上漏水，找物业老李 138****1234，身份证 11******2X"


@pytest.fixture
def made(town, noon):
    return make_town_with_list(noon)


def before(case, text=WRITTEN):
    """Write a case as it stood before anything was masked."""
    Case.objects.filter(pk=case.pk).update(title=text[:120], text=text, address=text)
    case.steps.filter(act="open").update(public_text=text, internal_text="")


def test_what_stands_there_is_masked_and_kept_as_written_inside(made):
    case, other = made.open(), made.open(text="垃圾桶满了", title="垃圾桶")
    before(case)
    by_resident = case.steps.create(town_id=case.town_id, act="note", at=made.at, by="follower", public_text=WRITTEN, reason=WRITTEN)
    told = {"town_id": case.town_id, "at": made.at, "public_text": "请打 138 0000 1234"}
    by_officer = case.steps.create(act="note", by="people.person:1", organ=made.organs["centre"], **told)
    by_clock = case.steps.create(act="overdue", by="clock", **told)
    cases.mask_texts(by=MAKER, at=made.at)
    case.refresh_from_db()
    assert (case.title, case.text, case.address) == (MASKED, MASKED, MASKED)
    opened = case.steps.get(act="open")
    assert (opened.public_text, opened.internal_text) == (MASKED, WRITTEN)
    by_resident.refresh_from_db()
    assert (by_resident.public_text, by_resident.reason) == (MASKED, MASKED)
    assert WRITTEN in by_resident.internal_text
    for step in (by_officer, by_clock):
        assert Step.objects.get(pk=step.pk).public_text == step.public_text
    assert list(queries.cases(seen_by=CLOCK, text="13800001234")) == []
    assert case in queries.cases(seen_by=CLOCK, text="漏水")
    there = list(Case.objects.order_by("pk").values()), list(Step.objects.order_by("pk").values())
    cases.mask_texts(by=MAKER, at=made.at)
    assert (list(Case.objects.order_by("pk").values()), list(Step.objects.order_by("pk").values())) == there
    assert Case.objects.get(pk=other.pk).text == "垃圾桶满了"


def test_words_of_ratings_too_and_devices_not(made):
    case = made.open()
    party = case.parties.first()
    Rating.objects.create(town_id=case.town_id, case=case, party=party, level=1, text=WRITTEN, at=made.at)
    device = made.open(text="设备", title="设备 13800001234")
    Case.objects.filter(pk=device.pk).update(device_id=5, title="13800001234")
    cases.mask_texts(by=MAKER, at=made.at)
    assert Rating.objects.get().text == MASKED
    assert Case.objects.get(pk=device.pk).title == "13800001234"


def test_what_comes_in_with_its_past_is_masked_where_it_is_taken_in(made):
    known = cases.KnownCase(
        key="k1", origin_ref="old:1", title=WRITTEN, text=WRITTEN, address=WRITTEN, opened_at=made.at - timedelta(days=9), closed="at",
        closed_at=made.at - timedelta(days=8), outcome=f"已处理：{WRITTEN}", category_id=made.categories["bin"].pk,
    )  # fmt: skip
    case = cases.import_cases(by=MAKER, at=made.at, kind="need", known=[known])["k1"]
    case = Case.objects.get(pk=case.pk)
    assert (case.title, case.text, case.address, case.outcome) == (MASKED, MASKED, MASKED, f"已处理：{MASKED}")
    texts = {step.act: (step.public_text, step.internal_text) for step in case.steps.all()}
    assert texts["open"] == (MASKED, "\n".join([WRITTEN] * 3))
    assert texts["close_unverified"] == (f"已处理：{MASKED}", f"已处理：{WRITTEN}")
    assert list(queries.cases(seen_by=CLOCK, text="13800001234")) == []
