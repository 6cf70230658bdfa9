"""Restricted matters: one case of each kind and in each stretch of its way, and none of its words in any answer for whoever may not see it."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from gongzhi.cases import acts, queries
from gongzhi.cases import kind as kinds
from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.models import Case
from gongzhi.cases.tests.factories import MAKER
from gongzhi.foundation.notices.models import Notice
from gongzhi.kernel import live
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.management_line.reports import operations as reports

pytestmark = pytest.mark.django_db
SECRET = "密举线索"
ROLES = ("", "resident", "neighbour", "enforcer", "walker", "contact", "supervisor", "member", "dispatcher")
HOUR = timedelta(hours=1)


@pytest.fixture
def heard(monkeypatch):
    """Return what streams are told."""
    said = []
    monkeypatch.setattr(live, "_send", said.extend)
    return said


@pytest.fixture
def hidden(made, heard):
    """Return restricted cases by the stretch of their way that they stand in; each has words of its own in every text that it has."""
    early = made.at - timedelta(days=20)
    secret = cases.define_category(by=MAKER, at=early, code="S1", name="受保护举报", life="home", limit=(3, "working_days"), restricted=True)
    unled = cases.define_category(by=MAKER, at=early, code="S2", name="另一类举报", life="home", limit=(3, "working_days"), restricted=True)
    cases.define_responsibility(
        by=MAKER, at=made.at, clause="S-1", category_id=secret.pk, lead_id=made.organs["utilities"].pk, starts_on=made.at.date() - timedelta(days=30)
    )
    officer, found = made.by("officer"), {}

    def put(name, at=made.at, category=secret, **more):
        word = f"{SECRET}{name}"
        case = made.open(title=f"{word}标题", text=f"{word}正文", address=f"{word}地址", category_id=category.pk, kind="report", at=at, **more)
        cases.note_case(by=officer, at=at, case_id=case.pk, text=f"{word}备注", internal=False) if case.lead_id else None
        found[name] = case
        return case

    put("在办")
    late = put("超期", at=early)
    answered, rated, back = put("待核"), put("差评"), put("退回")
    cases.mark_overdue(by=system("tests"), at=made.at, clock_ids=list(late.clocks.values_list("pk", flat=True)))
    for case in (answered, rated):
        cases.answer_case(by=officer, at=made.at, case_id=case.pk, public_text=f"{SECRET}结果")
    cases.verify_case(by=system("tests"), at=made.at, case_id=rated.pk, passed=True, text=f"{SECRET}核查")
    cases.rate_case(by=made.by("resident"), at=made.at, case_id=rated.pk, level=1, text=f"{SECRET}评价")
    cases.return_case(by=officer, at=made.at, case_id=back.pk, reason=f"{SECRET}理由", clause="S-1")
    put("无主", category=unled)
    put("无格", longitude=100.0, latitude=20.0)
    put("再分", at=made.at, category=made.categories["smell"])
    cases.reclassify_case(by=made.by("dispatcher"), at=made.at, case_id=found["再分"].pk, category_id=unled.pk, reason="改类")
    cases.adopt_procedure(
        by=MAKER, at=early, kind="alarm", definition=procedures.read(kinds.kind_of("alarm").procedure.read_text(encoding="utf-8")), reason="first"
    )
    need = cases.Need(kind="alarm", title=f"{SECRET}告警标题", text=f"{SECRET}告警正文", category_id=secret.pk, origin="device")
    alarm = cases.open_case(by=system("sensing"), at=made.at, need=need)
    found["告警"] = alarm
    reports.file_report(by=ANYONE, at=made.at, text="公开的一件：路灯不亮", category_code="H3-bin", longitude=120.005, latitude=30.265)
    return {name: Case.objects.get(pk=case.pk) for name, case in found.items()}


def _routes(patterns=None, head=""):
    """Yield the address of every GET route that names nothing, or a case."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        told = head + str(getattr(pattern.pattern, "_route", ""))
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, told)
        elif isinstance(pattern, URLPattern):
            yield told


def _addresses(hidden):
    for route in sorted(set(_routes())):
        if route.startswith(("static", "live/", "health", "admin")):
            continue
        if "<" not in route:
            yield f"/{route}"
            continue
        for case in hidden.values():
            filled = route
            for name, value in (("<str:slug>", case.slug), ("<slug:slug>", case.slug), ("<slug>", case.slug), ("<case_slug>", case.slug)):
                filled = filled.replace(name, value)
            if "<" not in filled:
                yield f"/{filled}"
    for face in acts.FACES:
        for case in list(hidden.values())[:3]:
            yield f"/cases/{case.slug}/{face.slug}/"
    begin, end = "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"
    for queue in queries.QUEUES:
        yield from (f"/desk/?queue={queue}", f"/desk/?queue={queue}&q={SECRET}", f"/desk/export.csv?queue={queue}", f"/desk/export.xlsx?queue={queue}")
        yield from (f"/desk/counts/?queue={queue}", f"/api/v1/desk?queue={queue}")
    yield from (
        f"/search/?q={SECRET}", f"/api/v1/cases?q={SECRET}", f"/api/v1/figures/period?since={begin}&until={end}", "/api/v1/figures", "/field/work.json",
        "/notifications/", "/desk/dispatch/points.json", f"/desk/new/similar/?text={SECRET}&title={SECRET}", "/open311/v2/requests.json",
    )  # fmt: skip


def _read(answer):
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body[:2] == b"PK":  # a workbook
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    text = body.decode(errors="replace")
    return text + text.encode().decode("unicode_escape", errors="ignore") if "\\u" in text else text


class TestWords:
    @pytest.mark.parametrize("who", ROLES)
    def test_of_restricted_cases_are_in_no_answer_for_whoever_may_not_see_them(self, made, hidden, enter, who):
        actor = made.by(who) if who else ANYONE
        closed_to = {name: case for name, case in hidden.items() if not case.is_visible_to(actor)}
        assert closed_to or who == "resident", who
        browser = enter(who)
        browser.raise_request_exception = False
        seen = 0
        for address in _addresses(closed_to or hidden):
            point = transaction.savepoint()  # a statement that is refused must not take the rest of the walk with it
            answer = browser.get(address)
            text = _read(answer)
            assert not connection.connection.closed, address
            transaction.savepoint_rollback(point)
            assert answer.status_code < 500 or answer.status_code == 501, address
            seen += answer.status_code == 200
            for name in closed_to:
                # what was typed into the search stands in its own field; the words of a case have more than that
                for word in ("标题", "正文", "地址", "备注"):
                    assert f"{SECRET}{name}{word}" not in text, (who, name, address)
            if who != "resident" and len(closed_to) == len(hidden):
                for word in ("结果", "核查", "评价", "理由"):
                    assert f"{SECRET}{word}" not in text, (who, address)
        assert seen > 20

    def test_are_read_by_those_whose_work_it_is(self, made, hidden, enter):
        browser = enter("officer")
        page = browser.get("/desk/?queue=unit").content.decode()
        assert f"{SECRET}在办标题" in page
        assert f"{SECRET}在办正文" in browser.get(f"/cases/{hidden['在办'].slug}/").content.decode()

    def test_are_in_no_notice_but_of_those_who_may_see_the_case(self, made, hidden):
        told = 0
        for notice in Notice.objects.filter(case_id__in=[case.pk for case in hidden.values()]):
            case = next(case for case in hidden.values() if case.pk == notice.case_id)
            who = next(who for who, person in made.people.items() if person.pk == notice.person_id)
            told += 1
            if case.category.code != "S2" or case.title != f"{SECRET}再分标题":  # given before it was restricted: to those who then took part
                assert case.is_visible_to(made.by(who)), (who, notice.kind)
        assert told

    def test_and_the_cases_themselves_are_in_no_stream_of_all(self, made, hidden, heard):
        import json

        slugs = {case.slug for name, case in hidden.items() if name != "再分"}
        for message in map(json.loads, heard):
            assert SECRET not in json.dumps(message, ensure_ascii=False)
            if message.get("case") in slugs:
                assert not {"town", "staff"} & set(message["topics"]), message

    def test_are_counted_in_no_figure_that_people_read(self, made, hidden):
        for who in ROLES:
            actor = made.by(who) if who else ANYONE
            told = queries.figures(seen_by=actor, at=made.at)
            assert told.open == told.opened_today == 1
            assert sum(late for _n, late in told.by_area.values()) == 0
            assert told.satisfaction.rated == told.follow_ups_open == 0
            assert told.bounced == []
            period = queries.period(seen_by=actor, since=made.at - timedelta(days=30), until=made.at + HOUR)
            assert period.opened == 1
            assert {share.name for share in period.by_category} <= {"垃圾满溢", ""}
