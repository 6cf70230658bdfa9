"""Views of the desk that a person keeps, on the page and over the API alike."""

import pytest

from gongzhi.cases.models import SavedView
from gongzhi.cases.tests.test_api import program  # noqa: F401 - a fixture
from gongzhi.cases.tests.test_views import enter, made  # noqa: F401 - fixtures
from gongzhi.ledger.models import Entry

pytestmark = pytest.mark.django_db


class TestPages:
    def test_name_a_view_anew_and_take_it_away(self, made, enter):  # noqa: F811
        browser = enter("officer")
        assert "还没有保存视图" in browser.get("/desk/views/").content.decode()
        for title in ("雨后", "河道"):
            browser.post("/desk/views/", {"title": title, "query": "queue=unit&life=home"})
        view = SavedView.objects.get(title="雨后")
        at = f"/desk/views/{view.pk}/"
        assert "已有同名视图" in browser.post(at, {"title": "河道"}, follow=True).content.decode()
        assert "最多" in browser.post(at, {"title": ""}, follow=True).content.decode()
        assert "视图已改名" in browser.post(at, {"title": "大雨之后"}, follow=True).content.decode()
        view.refresh_from_db()
        assert (view.title, view.query) == ("大雨之后", "queue=unit&life=home")
        assert "/desk/views/" in browser.get("/desk/counts/").content.decode()
        assert "视图已删除" in browser.post(at, {"act": "drop"}, follow=True).content.decode()
        assert [view.title for view in SavedView.objects.all()] == ["河道"]
        assert browser.post(at, {"act": "drop"}).status_code == 404

    def test_belong_to_whoever_keeps_them(self, made, enter):  # noqa: F811
        enter("officer").post("/desk/views/", {"title": "雨后", "query": "queue=unit"})
        at = f"/desk/views/{SavedView.objects.get().pk}/"
        other = enter("dispatcher")
        assert other.post(at, {"act": "drop"}).status_code == 404
        assert other.post(at, {"title": "我的"}).status_code == 404
        assert enter().post(at, {"act": "drop"}).headers["Location"].startswith("/sign-in/")
        assert SavedView.objects.get().title == "雨后"


class TestApi:
    def test_keeps_lists_changes_and_takes_away(self, made, program):  # noqa: F811
        call, other = program("officer"), program("dispatcher")
        status, kept = call("post", "/desk/views", {"title": "雨后", "query": "queue=unit&part=overdue"})
        assert (status, kept["url"]) == (201, "/desk/?queue=unit&part=overdue")
        assert call("post", "/desk/views", {"title": "雨后", "query": "queue=mine"})[1]["id"] == kept["id"]
        call("post", "/desk/views", {"title": "河道"})
        assert [(view["title"], view["query"]) for view in call("get", "/desk/views")[1]] == [("雨后", "queue=mine"), ("河道", "")]
        assert other("get", "/desk/views")[1] == []
        address = f"/desk/views/{kept['id']}"
        status, told = call("put", address, {"title": "河道", "query": "queue=mine"})
        assert (status, told["field"]) == (409, "title")
        assert call("put", address, {"title": "", "query": ""})[0] == 422
        assert call("put", address, {"title": "大雨", "query": "queue=all"})[1]["query"] == "queue=all"
        assert other("put", address, {"title": "x", "query": ""})[0] == 404
        assert other("delete", address)[0] == 404
        assert call("delete", address) == (204, None)
        assert call("delete", address)[0] == 404
        assert list(Entry.objects.filter(kind="ViewDropped").values_list("subject", flat=True)) == [f"cases.savedview:{kept['id']}"]

    def test_needs_somebody(self, made, program):  # noqa: F811
        assert program()("get", "/desk/views") == (200, [])
        assert program()("post", "/desk/views", {"title": "x"})[0] in (401, 403)
