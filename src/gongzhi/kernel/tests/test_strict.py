"""Numbers, days and moments as outsiders write them: one reader each, and every door hands them to it."""

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from ninja import NinjaAPI, Schema
from pydantic import AwareDatetime

from gongzhi.kernel import fields as forms
from gongzhi.kernel import moments, numbers
from gongzhi.kernel.api import read_strictly

NO_NUMBERS = ["", " ", "1_5", "²", "１５", "٣", "①", "½", "0x1f", "1,5", "nan", "inf", "-Infinity", "1e", "--1", "+", ".", "9" * 5_000, "1e400",
              "true", "1\x00"]  # fmt: skip
EIGHT = timezone(timedelta(hours=8))


class TestNumbers:
    @pytest.mark.parametrize("text", NO_NUMBERS)
    def test_nothing_else_is_a_number(self, text):
        for read in (numbers.whole, numbers.real):
            with pytest.raises(numbers.BadNumber):
                read(text)
        with pytest.raises(numbers.BadNumber):
            numbers.exact(text)

    def test_reads_what_is_one(self):
        assert [numbers.whole(text) for text in ("0", "-7", "+12", " 3\t", "007", str(2**63 - 1))] == [0, -7, 12, 3, 7, 2**63 - 1]
        assert [numbers.real(text) for text in ("1.50", ".5", "2.", "-3e-2", "1E3")] == [1.5, 0.5, 2.0, -0.03, 1000.0]
        assert numbers.exact("1.50") == Decimal("1.50")

    def test_knows_its_range_exactly_at_the_limit(self):
        assert numbers.whole("200", least=1, most=200) == 200
        for text in ("0", "201", str(2**63)):
            with pytest.raises(numbers.OutOfRange):
                numbers.whole(text, least=1, most=200)
        assert numbers.real("180", least=-180, most=180) == 180
        with pytest.raises(numbers.OutOfRange):
            numbers.real("180.0001", least=-180, most=180)

    def test_keys_of_rows(self):
        assert numbers.keys(["12", "²", "0", "-1", "9" * 5000, "7"]) == [12, 7]
        assert numbers.key(None) is None

    def test_narrows_full_width_and_nothing_else(self):
        assert numbers.narrow("１２．５（ａ）　x") == "12.5(a) x"
        assert numbers.narrow("12²①½") == "12²①½"

    def test_telephone_numbers(self):
        assert numbers.telephone("０７５５－8888 1234") == "075588881234"
        assert numbers.telephone("+86 (138) 0571-0000") == "+8613805710000"
        assert [numbers.telephone(text) for text in ("1380571000①", "138²0571", "1234", "1" * 21, "12345a", "1+2345")] == [""] * 6


class TestMoments:
    @pytest.mark.parametrize(
        "text", ["", "0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "2026-02-29", "2026-13-01", "２０２６-01-01", "2026-1-1", "1_26-01-01"]
    )
    def test_days_know_their_range(self, text):
        with pytest.raises(moments.BadDay):
            moments.day(text)
        assert moments.day_or(text) is None

    def test_reads_days_and_months(self):
        assert [moments.day(text) for text in ("1900-01-01", "2199-12-31", "2024-02-29")] == [date(1900, 1, 1), date(2199, 12, 31), date(2024, 2, 29)]
        assert moments.month("2026-11") == date(2026, 11, 1)
        for text in ("0001-01", "2026-13", "2026-1", "9999-12"):
            with pytest.raises(moments.BadMonth):
                moments.month(text)

    @pytest.mark.parametrize(
        "text",
        ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59+08:00", "2026-02-30T08:00:00Z", "2026-01-01T24:01Z", "2026-01-01T08:00:00",
         "2026-01-01T08:00+25:00", "1700000000", "²026-01-01T00:00Z", "2200-01-01T00:00:00Z"],
    )  # fmt: skip
    def test_moments_know_theirs(self, text):
        with pytest.raises(moments.BadMoment):
            moments.moment(text)

    def test_reads_moments(self):
        assert moments.moment("2026-01-31T24:00:00Z") == datetime(2026, 2, 1, tzinfo=UTC)
        assert moments.moment("2026-01-31 08:00", EIGHT) == datetime(2026, 1, 31, 8, tzinfo=EIGHT)
        assert moments.moment("2026-01-31T08:00:00.1234567+0800") == datetime(2026, 1, 31, 8, 0, 0, 123456, EIGHT)
        assert moments.moment("2199-12-31T23:59:59Z") < moments.LATEST


class Body(Schema):
    count: int | None = None
    share: float | None = None
    tonnes: Decimal | None = None
    on: date | None = None
    at: AwareDatetime | None = None
    since: datetime | None = None
    rows: list[int] = []


@pytest.fixture(scope="module")
def read():
    api = NinjaAPI(urls_namespace="strict")

    @api.post("/x")
    def route(request, body: Body, most: int = 50):
        return {}

    read_strictly(api)
    (_prefix, router), *_more = api._routers
    models = router.path_operations["/x"].operations[0].models

    def validate(**given):
        query, body = (next(one for one in models if name in one.model_fields) for name in ("most", "body"))
        query.model_validate({name: value for name, value in given.items() if name == "most"})
        return body.model_validate({"body": {name: value for name, value in given.items() if name != "most"}}).body

    return validate


class TestRoutes:
    @pytest.mark.parametrize(
        "given",
        [*({name: text} for name in ("most", "count", "share", "tonnes") for text in NO_NUMBERS if text.strip()),
         *({name: True} for name in ("count", "share", "tonnes")), {"share": math.inf}, {"share": math.nan}, {"rows": [1, "1_5"]}, {"on": "0001-01-01"},
         {"on": 1}, {"at": "9999-12-31T23:59:59-12:00"}, {"at": 1_700_000_000}, {"at": "1700000000"}, {"since": "0001-01-01T00:00:00"},
         {"at": "2026-01-01T08:00:00"}],
    )  # fmt: skip
    def test_refuse_what_is_no_number_or_day(self, read, given):
        with pytest.raises(ValueError, match="validation error"):
            read(**given)

    def test_take_what_is_one(self, read):
        found = read(most="20", count="15", share="1.5", tonnes="0.25", on="2026-01-31", at="2026-01-31T08:00:00+08:00", since="2026-01-31T08:00",
                     rows=["1", 2])  # fmt: skip
        assert (found.count, found.share, found.tonnes, found.on, found.rows) == (15, 1.5, Decimal("0.25"), date(2026, 1, 31), [1, 2])
        assert found.at == datetime(2026, 1, 31, tzinfo=UTC)
        assert found.since == datetime(2026, 1, 31, 8)
        assert read(count=1.0, share=2).count == 1

    def test_keep_their_documented_shape(self):
        from gongzhi.config.api import document

        assert json.loads(document())["openapi"]


class TestForms:
    @pytest.mark.parametrize("text", ["1_5", "²", "9" * 5000, "nan", "٣"])
    def test_refuse(self, text):
        class Form(forms.Form):
            n = forms.IntegerField()
            x = forms.FloatField()
            d = forms.DecimalField()

        assert set(Form({"n": text, "x": text, "d": text}).errors) == {"n", "x", "d"}

    def test_take_full_width_digits_which_people_at_a_form_mean(self):
        assert forms.IntegerField().clean("１５") == 15
        assert forms.DecimalField().clean("１．５") == Decimal("1.5")

    @pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31"])
    def test_days_know_their_range(self, text):
        with pytest.raises(forms.ValidationError):
            forms.DateField().clean(text)
        with pytest.raises(forms.ValidationError):
            forms.DateTimeField().clean(f"{text}T08:00")
        assert forms.DateField().clean("2026-01-31") == date(2026, 1, 31)
