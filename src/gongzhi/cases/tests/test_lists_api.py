"""The town's lists, changed by a program as on the pages: by those who define them, in whole, with the field that is wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gongzhi.cases import kind as kinds
from gongzhi.cases import procedure as procedures
from gongzhi.cases.models import Category, Procedure
from gongzhi.cases.tests.test_api import program  # noqa: F401 - a fixture
from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
NOISE = {"name": "夜间施工噪声", "life": "home", "limit_amount": 3, "limit_unit": "working_hours"}


class TestCategories:
    def test_are_defined_and_replaced(self, made, program):  # noqa: F811
        call = program("member")
        status, told = call("put", "/categories/H3-noise", NOISE)
        assert (status, told["name"], told["limit_amount"], told["limit_unit"]) == (200, "夜间施工噪声", 3, "working_hours")
        assert call("put", "/categories/H3-noise", NOISE | {"name": "噪声", "parent": "H3-bin"})[1]["parent"] == "H3-bin"
        assert Category.objects.filter(code="H3-noise").count() == 1
        for wrong, field in (({"parent": "none"}, "parent"), ({"parent": "H3-noise"}, "parent"), ({"life": "sea"}, "life"), ({"severity": 9}, "severity")):
            status, told = call("put", "/categories/H3-noise", NOISE | wrong)
            assert (status, told["field"]) == (422, field)
        assert program("officer")("put", "/categories/H3-noise", NOISE)[0] == 403


class TestResponsibilities:
    def line(self, made, **more):  # noqa: F811
        today = timezone.localtime().date()
        return {"clause": "A-noise", "category": "H3-noise", "lead": "station", "starts_on": f"{today}", "basis": "权责清单"} | more

    def test_are_written_replaced_and_ended(self, made, program):  # noqa: F811
        call, today = program("member"), timezone.localtime().date()
        call("put", "/categories/H3-noise", NOISE)
        status, first = call("post", "/responsibilities", self.line(made))
        assert (status, first["lead"], first["version"]) == (201, "station", 1)
        assert call("post", "/responsibilities", self.line(made))[0] == 409  # two leads
        later = self.line(made, starts_on=f"{today + timedelta(days=9)}", replaces=first["id"], limit_amount=2, limit_unit="hours")
        status, second = call("post", "/responsibilities", later)
        assert (status, second["version"], second["limit_amount"], second["limit_unit"]) == (201, 2, 2, "hours")
        status, ended = call("post", f"/responsibilities/{second['id']}/end", {"ends_on": f"{today + timedelta(days=20)}"})
        assert (status, ended["ends_on"]) == (200, f"{today + timedelta(days=20)}")
        assert call("post", "/responsibilities/999999/end", {"ends_on": f"{today}"})[0] == 404
        assert program("officer")("post", f"/responsibilities/{second['id']}/end", {"ends_on": f"{today}"})[0] == 403

    @pytest.mark.parametrize(("wrong", "field"), [
        ({"category": "none"}, "category"), ({"lead": "nobody"}, "lead"), ({"co_handlers": ["nobody"]}, "co_handlers"), ({"area": "nowhere"}, "area"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
    ])  # fmt: skip
    def test_name_the_field_that_is_wrong(self, made, program, wrong, field):  # noqa: F811
        call = program("member")
        call("put", "/categories/H3-noise", NOISE)
        status, told = call("post", "/responsibilities", self.line(made, **wrong))
        assert (status, told["field"]) == (422, field)


class TestProcedures:
    def test_are_adopted_as_the_next_version_or_refused_with_their_faults(self, made, program):  # noqa: F811
        call = program("member")
        kind = next(one for one in kinds.kinds() if one.code == "report")
        definition = procedures.read(kind.procedure.read_text(encoding="utf-8"))
        last = Procedure.objects.filter(kind="report").count()
        for version in (last + 1, last + 2):
            status, told = call("post", "/procedures/report", {"definition": definition, "reason": "年度复核"})
            assert (status, told["version"], told["reason"]) == (201, version, "年度复核")
        assert call("get", "/procedures?kind=report")[1][0]["version"] == last + 2
        status, told = call("post", "/procedures/report", {"definition": {"stages": {}}, "reason": "x"})
        assert (status, told["field"]) == (409, "definition")
        assert call("post", "/procedures/none", {"definition": definition, "reason": "x"})[0] == 404
        assert program("officer")("post", "/procedures/report", {"definition": definition, "reason": "x"})[0] == 403
