"""The book: postings that balance, days past, closed periods, what is refused."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.kernel.actors import ANYONE
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import current_town
from gongzhi.ledger.models import Entry
from gongzhi.registers.book import money, operations, queries
from gongzhi.registers.book.models import Account, Line, Posting
from gongzhi.registers.residents.tests.factories import MAKER, ground, serving, signed_in

DAY = date(2026, 11, 18)


@pytest.fixture
def chart(town, noon):
    chart = (("bank", "银行存款", "asset"), ("capital", "净资产", "equity"), ("grants", "补贴支出", "expense"), ("budget", "财政拨款", "income"))
    for code, title, sort in chart:
        operations.open_account(by=MAKER, at=noon, code=code, title=title, sort=sort, opened_on=date(2025, 1, 1))


def post(noon, amount="100.00", on=DAY, act="tests:1", by=MAKER, lines=None):
    lines = lines or [("bank", amount), ("budget", f"-{amount}")]
    return operations.post(by=by, at=noon, on=on, words="年度拨款", lines=lines, act=act)


def settled(act):
    """Do something past the operations, and have it checked as a commit would."""
    with transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class TestMoney:
    @pytest.mark.parametrize(("text", "cents"), [("0.01", 1), ("100", 10_000), ("-7.5", -750), (Decimal("1.10"), 110), (3, 300)])
    def test_amounts_are_whole_cents(self, text, cents):
        assert money.cents(text) == cents

    @pytest.mark.parametrize("text", ["0.001", "1.005", "x", "", "1_5", "nan", "inf", 1.5, True, "1000000000000.00", Decimal("NaN")])
    def test_a_third_decimal_and_what_is_no_amount_are_refused_with_the_place(self, text):
        with pytest.raises(money.BadAmount) as told:
            money.cents(text, place="benefits[0].amount")
        assert told.value.field == "benefits[0].amount"

    @given(st.integers(-(10**14) + 1, 10**14 - 1))
    def test_there_and_back(self, cents):
        assert money.cents(money.yuan(cents)) == cents


class TestPost:
    def test_a_posting_balances_and_stands_in_the_ledger_with_its_act(self, chart, noon):
        made = post(noon)
        assert made.number == 1
        assert [(line.account.code, line.cents) for line in made.lines.order_by("pk")] == [("bank", 10_000), ("budget", -10_000)]
        entry = Entry.objects.get(kind="Posted")
        assert entry.content["act"] == "tests:1"
        assert entry.content["lines"] == [["bank", 10_000], ["budget", -10_000]]

    @pytest.mark.parametrize(
        ("lines", "refusal"),
        [
            ([("bank", "100.00"), ("budget", "-99.99")], operations.NotBalanced), ([("bank", "100.001"), ("budget", "-100.001")], money.BadAmount),
            ([("bank", "0.00"), ("budget", "0.00")], operations.TooFewLines), ([("bank", "1.00")], operations.TooFewLines),
            ([("bank", "1.00"), ("bank", "-1.00")], operations.TooFewLines), ([("bank", "1.00"), ("cash", "-1.00")], operations.NoSuchAccount),
        ],
    )  # fmt: skip
    def test_what_does_not_balance_is_refused_and_leaves_nothing(self, chart, noon, lines, refusal):
        with pytest.raises(refusal):
            post(noon, lines=lines)
        assert not Posting.objects.exists()
        post(noon)

    def test_one_act_is_posted_once(self, chart, noon):
        post(noon)
        with pytest.raises(operations.PostedAlready) as told:
            post(noon, amount="5.00")
        assert "1" in str(told.value)
        post(noon, act="tests:2")
        assert list(Posting.objects.order_by("number").values_list("number", flat=True)) == [1, 2]

    def test_only_those_who_keep_the_book_post(self, chart, noon):
        ground(noon)
        for role in ("grid_worker", "auditor", "supervisor", "steward"):
            with pytest.raises(NotAllowed):
                post(noon, by=serving(noon, role))
        post(noon, by=serving(noon, "committee_member"))
        assert not queries.postings(seen_by=ANYONE).exists()
        assert queries.postings(seen_by=serving(noon, "auditor")).count() == 1

    def test_a_day_to_come_and_a_day_before_its_account_are_refused(self, chart, noon):
        with pytest.raises(operations.InTheFuture):
            post(noon, on=date(2026, 11, 19))
        with pytest.raises(operations.NoSuchAccount):
            post(noon, on=date(2024, 12, 31))
        post(noon, on=date(2025, 1, 1))


class TestTheDatabase:
    """What an act that forgot to ask would meet."""

    def test_what_does_not_balance_fails_the_act(self, chart, noon):
        made, bank = post(noon), Account.objects.get(code="bank")
        with pytest.raises(IntegrityError):
            settled(lambda: Line.objects.create(town_id=current_town(), posting=made, account=bank, on=DAY, cents=1))

    def test_a_posting_without_lines_fails_the_act(self, chart, noon):
        with pytest.raises(IntegrityError):
            settled(lambda: Posting.objects.create(town_id=current_town(), number=9, on=DAY, words="x", act="x", by="x", at=noon))

    @pytest.mark.parametrize("statement", ["UPDATE book_line SET cents = 1", "DELETE FROM book_line", "UPDATE book_posting SET words = 'x'"])
    def test_nothing_is_changed(self, chart, noon, statement):
        post(noon)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_a_closed_day_takes_no_row(self, chart, noon):
        operations.close_period(by=MAKER, at=noon, until=date(2026, 10, 31))
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.create(town_id=current_town(), number=9, on=date(2026, 10, 31), words="x", act="x", by="x", at=noon)


class TestClosing:
    def test_a_closed_period_takes_no_posting_and_the_next_day_does(self, chart, noon):
        operations.close_period(by=MAKER, at=noon, until=date(2026, 10, 31))
        with pytest.raises(operations.PeriodIsClosed):
            post(noon, on=date(2026, 10, 31))
        post(noon, on=date(2026, 11, 1))
        for until in (date(2026, 10, 31), DAY):
            with pytest.raises(operations.Backwards):
                operations.close_period(by=MAKER, at=noon, until=until)

    def test_what_was_wrong_is_reversed_once_and_stays(self, chart, noon):
        made = post(noon)
        back = operations.reverse(by=MAKER, at=noon, number=made.number, on=DAY, words="录入有误")
        assert [line.cents for line in back.lines.order_by("pk")] == [-10_000, 10_000]
        for number in (made.number, back.number):
            with pytest.raises(operations.ReversedAlready):
                operations.reverse(by=MAKER, at=noon, number=number, on=DAY, words="再次")
        assert queries.balance(seen_by=MAKER, on=DAY).parts["asset"].total == 0


class TestBalance:
    def test_any_past_day_is_the_sum_of_its_postings(self, chart, noon):
        post(noon, "1000.00", date(2025, 12, 31), "a", lines=[("bank", "1000.00"), ("capital", "-1000.00")])
        post(noon, "500.50", date(2026, 3, 1), "b")
        post(noon, "200.25", date(2026, 3, 2), "c", lines=[("grants", "200.25"), ("bank", "-200.25")])
        for on, bank, surplus in ((date(2025, 12, 30), "0", "0"), (date(2026, 3, 1), "1500.50", "500.50"), (DAY, "1300.25", "300.25")):
            found = queries.balance(seen_by=MAKER, on=on)
            assert (found.parts["asset"].total, found.surplus, found.is_even) == (Decimal(bank), Decimal(surplus), True)
        year = {row.account.code: (row.before, row.debit, row.credit, row.after) for row in queries.year_of(seen_by=MAKER, year=2026)}
        assert year["bank"] == (Decimal("1000.00"), Decimal("500.50"), Decimal("200.25"), Decimal("1300.25"))

    @given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 300)), max_size=12))
    def test_it_is_even_on_every_day(self, moves):
        """Pure: whatever is moved between four sorts, assets are what funds them."""
        held = {"asset": 0, "equity": 0, "income": 0, "expense": 0}
        for cents, pick in moves:
            debit, credit = (("asset", "income"), ("asset", "equity"), ("expense", "asset"))[pick % 3]
            held[debit] += cents
            held[credit] -= cents
        assert held["asset"] == -(held["equity"] + held["income"]) - held["expense"]


class TestPages:
    def test_the_book_is_read_posted_and_given_to_the_auditor(self, chart, noon):
        ground(noon)
        keeper = signed_in(noon, "committee_member")
        page = keeper.get("/book/")
        assert page.status_code == 200
        told = {"on": "2026-11-18", "debit": "bank", "credit": "budget", "amount": "12.345", "words": "拨款"}
        assert keeper.post("/book/new/", told).status_code == 422
        assert keeper.post("/book/new/", told | {"amount": "12.34"}).status_code == 302
        for address in ("/book/", "/book/accounts/bank/", "/book/postings/1/", "/book/years/2026/", "/book/new/", "/book/close/", "/book/accounts/new/"):
            assert keeper.get(address).status_code == 200, address
        text = b"".join(signed_in(noon, "auditor").get("/book/years/2026/export.csv").streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == 3
        assert rows[1][2] == "bank"
        assert rows[1][4] == "12.34"
        assert signed_in(noon, "grid_worker").get("/book/").status_code == 403

    def test_programs_post_and_read_it(self, chart, noon):
        ground(noon)
        keeper = signed_in(noon, "committee_member")
        body = {"on": "2026-11-18", "words": "拨款", "act": "x:1", "lines": [{"account": "bank", "amount": "9.99"}, {"account": "budget", "amount": "-9.99"}]}
        assert keeper.post("/api/v1/book/postings", body, content_type="application/json").status_code == 201
        wrong = body | {"act": "x:2", "lines": [{"account": "bank", "amount": "9.999"}, {"account": "budget", "amount": "-9.999"}]}
        answer = keeper.post("/api/v1/book/postings", wrong, content_type="application/json")
        assert answer.status_code == 422
        found = keeper.get("/api/v1/book/balance?on=2026-11-18").json()
        assert Decimal(str(found["assets"])) == Decimal("9.99")
