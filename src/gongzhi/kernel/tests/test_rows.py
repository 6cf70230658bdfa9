"""Rows put in by prepared statements are the rows that Django would have put in."""

import os
import socket
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.cases.models import Case, Clock, Party, Step
from gongzhi.kernel import rows
from gongzhi.kernel.postgres import plain
from gongzhi.kernel.towns import in_town

AT = datetime(2026, 11, 18, 4, 0, 0, 250, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


def _case(town, serial, **more):
    return Case(town_id=town.pk, number=f"№ {serial}", year=2026, serial=serial, kind="report", line="management", title="井盖", origin="resident",
                opened_at=AT, touched_at=AT, **more)  # fmt: skip


def _held(row):
    found = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in found.items() if name not in ("id", "serial", "number", "submission_key")}


class TestInsert:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        text=TEXTS, followers=st.lists(st.integers(-(2**62), 2**62), max_size=4), longitude=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        severity=st.integers(-(2**15), 2**15 - 1), device=st.none() | st.integers(-(2**63), 2**63 - 1), unlocated=st.booleans(),
        due=st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])),
    )  # fmt: skip
    def test_keeps_what_django_keeps(self, town, text, followers, longitude, severity, device, unlocated, due):
        more = {"text": text, "followers": followers, "longitude": longitude, "severity": severity, "device_id": device, "unlocated": unlocated, "due_at": due}
        number = Case.objects.count() + 1
        by_django, by_us = _case(town, number, **more), _case(town, number + 1, **more)
        by_django.save(force_insert=True)
        rows.insert(by_us)
        assert _held(by_us) == _held(by_django)
        assert (by_us._state.adding, by_us._state.db) == (False, "default")

    def test_keeps_json_and_bytes(self, town):
        case = _case(town, 1)
        rows.insert(case)
        details = {"a": [1, None, "„“\\\"'"], "文": {"b": 2.5}}
        step = Step(town_id=town.pk, case=case, act="note", at=AT, by="clock", details=details)
        party = Party(town_id=town.pk, case=case, code_hash=bytes(range(256)), joined_at=AT)
        rows.insert(step, party)
        assert Step.objects.get(pk=step.pk).details == details
        assert bytes(Party.objects.get(pk=party.pk).code_hash) == bytes(range(256))

    def test_puts_rows_of_several_models_in_at_once_and_gives_each_its_own_id(self, town):
        case = _case(town, 1)
        case.pk = rows.prepared("SELECT nextval('cases_case_id_seq')")[0][0]
        clock = Clock(town_id=town.pk, case=case, of="case", started_at=AT, amount=5, unit="hours", due_at=AT, warn_at=AT)
        steps = [Step(town_id=town.pk, case=case, act=act, at=AT, by="clock") for act in ("open", "assign", "note")]
        rows.insert(case, clock, *steps)
        assert Clock.objects.get(pk=clock.pk).case_id == case.pk
        assert [(step.pk, step.act) for step in Step.objects.filter(case=case).order_by("pk")] == [(step.pk, step.act) for step in steps]

    def test_lets_rows_name_each_other_before_they_have_ids(self, town):
        case = _case(town, 1)
        clock = Clock(town_id=town.pk, case=case, of="case", started_at=AT, amount=5, unit="hours", due_at=AT, warn_at=AT)
        steps = [Step(town_id=town.pk, case=case, act=act, at=AT, by="clock") for act in ("open", "assign")]
        assert rows.insert(case, clock, *steps) is None
        assert clock.case_id == case.pk
        assert [step.act for step in Case.objects.get(pk=case.pk).steps.order_by("pk")] == ["open", "assign"]
        with pytest.raises(Exception, match="more than one row"), transaction.atomic():
            rows.insert(*(others := [_case(town, 2), _case(town, 3)]), Step(town_id=town.pk, case=others[1], act="note", at=AT, by="clock"))

    def test_takes_a_number_for_its_rows(self, town):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY SEQUENCE taking START 41")
        case = _case(town, 0)
        case.serial, case.number = rows.TAKEN, rows.Sql("(SELECT %s::text || number FROM taken)", ("№ ",))
        step = Step(town_id=town.pk, case=case, act="note", at=AT, by="clock")
        taking = rows.Sql("SELECT nextval('taking') + %s AS number", (1,))
        assert rows.insert(case, step, taking=taking) == 42
        assert (Case.objects.get(pk=case.pk).serial, Case.objects.get(pk=case.pk).number) == (42, "№ 42")
        assert rows.insert(Step(town_id=town.pk, case=case, act="note", at=AT, by="clock"), taking=taking) == 43

    def test_keeps_words_as_a_vector_as_django_does(self, town):
        by_django, by_us = _case(town, 1, search=rows.SimpleVector("文昌路 井盖 '")), _case(town, 2, search=rows.SimpleVector("文昌路 井盖 '"))
        by_django.save(force_insert=True)
        rows.insert(by_us)
        assert Case.objects.filter(pk=by_us.pk).values_list("search", flat=True).get() == "'井盖':2 '文昌路':1"
        assert _held(by_us) == _held(by_django)

    def test_refuses_what_the_constraints_refuse(self, town):
        rows.insert(_case(town, 1))
        with pytest.raises(IntegrityError, match="one_case_per_serial"), transaction.atomic():
            rows.insert(_case(town, 1))
        assert Case.objects.count() == 1

    def test_refuses_a_key_to_nothing_at_the_latest_when_it_ends(self, town):
        rows.insert(_case(town, 2, lead_id=-1))
        with pytest.raises(IntegrityError), transaction.atomic():
            connection.check_constraints()
        Case.objects.update(lead_id=None)

    def test_refuses_a_row_of_the_other_town(self, town, other_town):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            rows.insert(_case(other_town, 1))
        rows.insert(_case(town, 1))
        with in_town(other_town.pk):
            assert rows.prepared("SELECT count(*) FROM cases_case") == [(0,)]
        assert rows.prepared("SELECT count(*) FROM cases_case") == [(1,)]

    def test_refuses_a_moment_without_its_zone(self, town):
        with pytest.raises(Exception, match="time zone"), transaction.atomic():
            rows.insert(_case(town, 1, closed_at=datetime(2026, 1, 1)))


@pytest.mark.django_db
class TestPrepared:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(value=st.lists(TEXTS | st.none(), max_size=6))
    def test_sends_lists_of_texts_whole(self, value):
        assert rows.prepared("SELECT $1::text[]", [value]) == [(value,)]

    @pytest.mark.parametrize(
        ("kind", "value"),
        [("bigint", 2**62), ("smallint", -3), ("float8", 0.1), ("boolean", False), ("bytea", b"\x00\xff\\"), ("numeric", Decimal("1.50")), ("text", "'%s$1\\"),
         ("timestamptz", AT), ("date", AT.date()), ("bigint[]", [1, 2, None]), ("text", None)],
    )  # fmt: skip
    def test_sends_values_whole(self, kind, value):
        found = rows.prepared(f"SELECT $1::{kind}", [value])[0][0]
        assert found == value

    def test_prepares_a_statement_once_however_large_its_numbers(self):
        for number in (1, 70_000, 2**40, None):
            rows.prepared("SELECT $1::bigint AS once", [number])
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::bigint AS once'")
            assert cursor.fetchone() == (1,)

    def test_lets_the_oldest_statement_go_when_there_are_too_many(self, monkeypatch):
        monkeypatch.setattr(plain, "MOST_STATEMENTS", 3)
        connection.ensure_connection()
        connection.connection.gongzhi_statements = plain.Statements(connection.connection)
        for number in (1, 2, 3, 4, 5, 1):
            assert rows.prepared(f"SELECT {number}, $1::int", [7]) == [(number, 7)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'SELECT _, $1::int' ORDER BY prepare_time")
            assert [row[0][7] for row in cursor.fetchall()] == ["4", "5", "1"]

    def test_begins_the_transaction_that_holds_it(self):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE held (n int)")
        with transaction.atomic():
            rows.prepared("INSERT INTO held VALUES ($1)", [1])
            transaction.set_rollback(True)
        assert rows.prepared("SELECT count(*) FROM held") == [(0,)]
        assert rows.prepared("INSERT INTO held VALUES ($1)", [2]) == []
        assert rows.prepared("SELECT n FROM held") == [(2,)]

    def test_goes_on_after_an_error_and_a_rollback(self):
        with pytest.raises(ProgrammingError), transaction.atomic():
            rows.prepared("SELECT nothing_of_this_name")
        assert rows.prepared("SELECT 1") == [(1,)]

    def test_refuses_texts_with_nul(self):
        with pytest.raises(Exception, match="NUL"):
            rows.prepared("SELECT $1::text", ["a\0"])
        with pytest.raises(Exception, match="NUL"):
            rows.prepared("SELECT $1::text[]", [["a\0"]])


def test_a_lost_connection_is_told_as_such(committed_db):
    from django.db import connections

    from gongzhi.kernel.postgres.base import DatabaseWrapper

    other = DatabaseWrapper(connections["default"].settings_dict, "other")
    try:
        assert other.prepared("SELECT 1") == [(1,)]
        with socket.socket(fileno=os.dup(other.connection.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)
        with pytest.raises(OperationalError):
            other.prepared("SELECT 1")
        other.close()
        assert other.prepared("SELECT 1") == [(1,)]
    finally:
        other.close()


class TestMake:
    @pytest.mark.django_db
    def test_makes_what_calling_the_model_makes(self, town):
        given = {"town_id": town.pk, "number": "1", "year": 2026, "serial": 1, "kind": "report", "line": "management", "title": "井盖", "origin": "resident",
                 "opened_at": AT, "touched_at": AT, "category": None, "area_path": "1.2"}  # fmt: skip
        ours, django = rows.make(Case, **given), Case(**given)
        assert {name: value for name, value in ours.__dict__.items() if name != "_state"} == {
            name: value for name, value in django.__dict__.items() if name != "_state"
        }
        assert (ours._state.adding, ours._state.db, ours._state.fields_cache) == (True, None, django._state.fields_cache)
        assert ours.followers is not rows.make(Case, **given).followers
        step = rows.make(Step, case=ours, act="note", at=AT, by="clock", town_id=town.pk)
        assert step.case is ours
        assert step.case_id is None
        ours.save()
        step.case = ours
        step.save()
        assert Step.objects.get(pk=step.pk).case == ours

    def test_refuses_a_name_that_is_no_field(self):
        with pytest.raises(TypeError, match="no field colour"):
            rows.make(Case, colour="red")

    def test_refuses_models_that_make_their_objects_otherwise(self, monkeypatch):
        rows._blank.cache_clear()
        monkeypatch.setattr(Party, "__init__", lambda self, **given: None, raising=False)
        with pytest.raises(TypeError, match="own way"):
            rows.make(Party, case_id=1)
        rows._blank.cache_clear()


def test_a_connection_of_the_pool_keeps_its_town_only_while_it_is_true(committed_db):
    """A transaction that the pool rolls back takes the town with it, and the next user of the connection is told again."""
    from django.db import connections

    from gongzhi.kernel.postgres.base import DatabaseWrapper

    given_settings = connections["default"].settings_dict
    pooled = DatabaseWrapper(given_settings | {"CONN_MAX_AGE": 0, "OPTIONS": given_settings["OPTIONS"] | {"pool": {"min_size": 1, "max_size": 1}}}, "pooled")
    told = "SELECT current_setting('gongzhi.town', true)"
    try:
        with in_town(7):
            assert pooled.prepared(told) == [("7",)]
            pooled.close()
            assert pooled.prepared(told) == [("7",)]
            with in_town(8):
                pooled.set_autocommit(False)
                assert pooled.prepared(told) == [("8",)]
                pooled.close()
                assert pooled.prepared(told) == [("8",)]
                pooled.close()
            assert pooled.prepared(told) == [("7",)]
    finally:
        pooled.close()
        pooled.close_pool()
