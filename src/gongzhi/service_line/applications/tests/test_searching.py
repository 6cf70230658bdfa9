"""Matters are found by what people say, from adoption to their end."""

import pytest

from gongzhi.foundation.search import indexing
from gongzhi.foundation.search import queries as search
from gongzhi.kernel.actors import ANYONE
from gongzhi.service_line.applications import operations
from gongzhi.service_line.applications.tests.factories import make_town, matter

pytestmark = pytest.mark.django_db


def found(text):
    indexing.follow()
    return [(one.title, one.url) for section in search.find(seen_by=ANYONE, text=text, kinds=("item",)) for one in section.found]


def test_a_matter_is_found_once_it_is_adopted_and_no_more_when_it_has_ended(town, noon):
    made = make_town(noon)
    operations.draft_item(by=made.by("officer"), at=made.at, content_of=matter(code="JY-09", title={"zh": "旅馆业特种行业许可"}))
    assert "/matters/JY-09/" not in [url for _title, url in found("想开一家宾馆")]
    operations.adopt_item(by=made.by("member"), at=made.at, code="JY-09")
    assert found("想开一家宾馆")[0] == ("旅馆业特种行业许可", "/matters/JY-09/")
    operations.end_item(by=made.by("member"), at=made.at, code="JY-09")
    assert "/matters/JY-09/" not in [url for _title, url in found("想开一家宾馆")]
