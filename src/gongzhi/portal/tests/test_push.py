"""A push says no word of a case that is not public, whatever its notice says in the product."""

import pytest

from gongzhi.cases.models import Case
from gongzhi.foundation.notices import operations as notices
from gongzhi.foundation.notices import push
from gongzhi.kernel.actors import CLOCK

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("visibility", "told"), [("public", True), ("parties", False), ("restricted", False)])
def test_of_a_case_says_its_words_only_while_it_is_public(made, visibility, told):
    case = made.open(title="只说给当事人听")
    [notice] = notices.give_notice(
        by=CLOCK, at=made.at, person_ids=[made.people["officer"].pk], kind="t", title=f"x {case.title}", case_id=case.pk, url=f"/cases/{case.slug}/"
    )
    Case.objects.filter(pk=case.pk).update(visibility=visibility)
    said = str(push.told(notice))
    assert (case.title in said, case.slug in said) == (told, told)
