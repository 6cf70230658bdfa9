"""Numbers, names, days: what a resident's fields may hold."""

from datetime import date

import pytest

from gongzhi.registers.residents import numbers, values
from gongzhi.registers.residents.tests.factories import number

TODAY = date(2026, 11, 18)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "document", "birth", "sex"),
        [
            ("11010519491231002X", "id_card", date(1949, 12, 31), "2"),  # the example of GB 11643-1999, annex A
            ("440524188001010014", "id_card", date(1880, 1, 1), "1"),  # its other example
            ("１１０１０５１９４９１２３１００２ｘ", "id_card", date(1949, 12, 31), "2"),
            ("110105 19491231 002x", "id_card", date(1949, 12, 31), "2"),
            ("E12345678", "passport", None, ""),
            ("H12345678", "hk_macao_pass", None, ""),
        ],
    )
    def test_a_right_number_is_read(self, text, document, birth, sex):
        found = numbers.read(text)
        assert (found.document, found.birth, found.sex) == (document, birth, sex)

    def test_fifteen_digits_become_eighteen(self):
        assert numbers.read("110105491231002").number == "11010519491231002X"

    def test_a_residence_permit_and_a_foreigners_card_have_the_same_check(self):
        for begin, document in (("810000", "hmt_residence"), ("933826", "foreign_residence")):
            seventeen = f"{begin}19900101003"
            right = seventeen + numbers.check_digit(seventeen)
            assert numbers.read(right).document == document
            with pytest.raises(numbers.BadNumber) as told:
                numbers.read(seventeen + ("0" if right[-1] != "0" else "1"))
            assert told.value.why == "check"

    @pytest.mark.parametrize(
        ("text", "document", "why"),
        [
            ("110105194912310021", "", "check"),
            ("110105194913310020", "", "birth"),
            ("110105194902300020", "", "birth"),
            ("100105194912310021", "", "province"),
            ("12345", "id_card", "form"),
            ("1101051949123100", "id_card", "form"),
            ("abc", "", "form"),
            ("12A4567890", "taiwan_pass", "form"),
        ],
    )
    def test_a_wrong_number_says_what_is_wrong(self, text, document, why):
        with pytest.raises(numbers.BadNumber) as told:
            numbers.read(text, document)
        assert told.value.why == why

    def test_every_wrong_digit_is_found(self):
        right = number()
        for place in range(17):
            for digit in "0123456789":
                if digit != right[place]:
                    with pytest.raises(numbers.BadNumber):
                        numbers.read(right[:place] + digit + right[place + 1 :], "id_card")


class TestReading:
    def test_a_number_tells_birth_and_sex(self):
        found = values.read({"name": "沈 云舒", "number": number("19900307", "012")}, TODAY)
        assert not found.wrong
        assert found.values["birth"] == date(1990, 3, 7)
        assert found.values["sex"] == "2"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"number": "110105194912310021"}, "number"),
            ({"number": number("19900307"), "birth": "1990-03-08"}, "birth"),
            ({"number": number("19900307", "011"), "sex": "女"}, "sex"),
            ({"birth": "2026-11-19"}, "birth"),
            ({"birth": "1895-01-01"}, "birth"),
            ({"birth": "2001-02-29"}, "birth"),
            ({"birth": "去年"}, "birth"),
            ({"birth": "2000-01-01", "died_on": "1999-12-31"}, "died_on"),
            ({"since": "2026-11-19"}, "since"),
            ({"birth": "2000-01-01", "since": "1999-12-31"}, "since"),
            ({"since": "2020-01-02", "left_on": "2020-01-01"}, "left_on"),
            ({"name": "12345"}, "name"),
            ({"name": "<b>"}, "name"),
            ({"phone": "12ab"}, "phone"),
            ({"relation": "老板"}, "relation"),
            ({"latitude": "95"}, "latitude"),
            ({"longitude": "nan"}, "longitude"),
            ({"name": "长" * 300}, "name"),
        ],
    )
    def test_what_cannot_be_is_named(self, given, field):
        assert [one.field for one in values.read(given, TODAY).wrong] == [field]

    @pytest.mark.parametrize("text", ["1990-03-07", "1990/3/7", "1990.3.7", "19900307", "1990年3月7日", "１９９０-０３-０７"])
    def test_days_as_files_write_them(self, text):
        assert values.day(text) == date(1990, 3, 7)

    def test_boundaries_are_kept(self):
        assert not values.read({"birth": "2026-11-18"}, TODAY).wrong
        assert not values.read({"birth": "1896-01-01"}, TODAY).wrong
        assert not values.read({"since": "2020-01-01", "left_on": "2020-01-01"}, TODAY).wrong

    def test_names_with_dots_and_rare_characters_are_kept(self):
        assert values.read({"name": "买买提•吐尔逊"}, TODAY).values["name"] == "买买提·吐尔逊"
        assert values.read({"name": "王𠮷"}, TODAY).values["name"] == "王𠮷"
        assert values.name_key("买买提·吐尔逊") == values.name_key("买买提 ． 吐尔逊")
        assert values.read({"name": "Anna-Maria O'Neil"}, TODAY).values["name"] == "Anna-Maria O'Neil"
