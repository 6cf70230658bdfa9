"""What was answered under a key outlives no erasure, whoever it was answered to; that it was done stays."""

import pytest

from gongzhi.foundation.people import operations as people
from gongzhi.foundation.receipts import operations, queries
from gongzhi.foundation.receipts.models import Receipt
from gongzhi.kernel.actors import CLOCK, system
from gongzhi.kernel.towns import in_town

MAKER = system("tests")


def answered(town, noon, scope, subject, answer):
    Receipt.objects.create(town_id=town.pk, scope=scope, key="k1", fingerprint="f", subject=subject, made_at=noon)
    operations.keep_answer(by=CLOCK, at=noon, scope=scope, key="k1", status=201, answer=answer)


@pytest.mark.django_db
def test_no_answer_outlives_the_erasure_of_a_person_it_may_name(town, other_town, noon):
    person = people.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰", phone="138 0000 1234")
    own = f"people.person:{person.pk}"
    given = {own: "cases.case:1", "people.person:990": own, "people.person:991": "cases.case:1"}
    for scope, subject in given.items():  # the last one is an officer's: the case has her name
        answered(town, noon, scope, subject, '{"contact": "王秀兰 13800001234"}')
    with in_town(other_town.pk):
        answered(other_town, noon, "people.person:1", "cases.case:2", '{"number": "1"}')
    people.erase_person(by=MAKER, at=noon, person_id=person.pk)
    for scope in given:
        kept = queries.receipt(seen_by=CLOCK, scope=scope, key="k1")
        assert (kept.answer, kept.status) == ("", None)
        assert queries.answer_of(seen_by=CLOCK, receipt=kept) is None
    with in_town(other_town.pk):
        kept = queries.receipt(seen_by=CLOCK, scope="people.person:1", key="k1")
        assert queries.answer_of(seen_by=CLOCK, receipt=kept) == '{"number": "1"}'
