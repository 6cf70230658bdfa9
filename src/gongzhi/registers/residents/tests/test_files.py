"""Files into the register: every row accounted for, the same file twice, moves, bad rows."""

import json
from datetime import date
from io import StringIO

import openpyxl
import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from gongzhi.registers.record.models import RefusedRow, Statement, TakenFile
from gongzhi.registers.residents import made, numbers, operations
from gongzhi.registers.residents.models import Dwelling, Household, Membership, Resident
from gongzhi.registers.residents.tests.factories import MAKER, TOLD, ground, number


@pytest.fixture
def areas(town, noon):
    return ground(noon)


HEADS = ["姓名", "身份证号", "户号", "与户主关系", "现住址", "入住日期", "手机"]


def write(path, rows, encoding="utf-8"):
    path.write_text("\n".join(",".join(row) for row in [HEADS, *rows]) + "\n", encoding=encoding)
    return path


def mapping(path, **more):
    path.write_text(
        yaml.safe_dump(
            {
                "fields": {
                    "name": "姓名",
                    "number": "身份证号",
                    "household": "户号",
                    "relation": "与户主关系",
                    "address": "现住址",
                    "since": "入住日期",
                    "phone": "手机",
                },
                "source": "公安人口库",
                "basis": "《居住证暂行条例》第五条",
                "as_of": "2026-11-18",
                **more,
            },
            allow_unicode=True,
        ),
        encoding="utf-8",
    )
    return path


def taken(tmp_path, rows, name="people.csv", **more):
    out = StringIO()
    call_command("import", "residents", str(write(tmp_path / name, rows)), "--mapping", str(mapping(tmp_path / "m.yaml", **more)), stdout=out)
    return json.loads(out.getvalue())


class TestCounts:
    ROWS = (
        ("沈云舒", number(), "H1", "户主", "桂花巷9号301室", "2020-05-01", "13900000117"),
        ("王五", number("19880101"), "H1", "配偶", "桂花巷9号301室", "2020-05-01", ""),
        ("", "", "", "", "", "", ""),
        ("赵六", "330110198801010113", "H2", "户主", "河滨路2号", "", ""),  # wrong check digit
        ("钱七", number("19700101"), "H1", "户主", "桂花巷9号301室", "", ""),  # a second head
        ("沈云舒", number(), "H3", "户主", "青山路3号", "", ""),  # in two dwellings at once
        ("孙八", number("19910101"), "H4", "户主", "青山路4号", "2027-01-01", ""),  # from a day to come
        ("沈云舒", number(), "H5", "户主", "青山路5号", "2024-02-01", ""),  # a move
    )

    def test_every_row_is_accounted_for_and_the_same_file_twice_changes_nothing(self, areas, tmp_path):
        told = taken(tmp_path, self.ROWS)
        assert {name: told[name] for name in ("rows", "added", "changed", "known", "refused", "blank")} == {
            "rows": 8, "added": 2, "changed": 1, "known": 0, "refused": 4, "blank": 1,
        }  # fmt: skip
        assert dict(RefusedRow.objects.values_list("row", "field")) == {5: "number", 6: "relation", 7: "address", 8: "since"}
        before = [list(model.objects.order_by("pk").values()) for model in (Resident, Membership, Household, Dwelling)]
        statements = Statement.objects.count()
        again = taken(tmp_path, self.ROWS)
        assert (again["known"], again["refused"], again["blank"], again["added"], again["changed"]) == (3, 4, 1, 0, 0)
        assert [list(model.objects.order_by("pk").values()) for model in (Resident, Membership, Household, Dwelling)] == before
        assert Statement.objects.count() == statements

    def test_a_copy_of_the_file_changes_nothing_either(self, areas, tmp_path):
        rows = [row for number, row in enumerate(self.ROWS) if number in (0, 1, 7)]
        taken(tmp_path, rows)
        before = Membership.objects.count()
        copy = taken(tmp_path, [*rows, ("新人", number("19950505"), "H9", "户主", "织造路9号", "", "")], name="copy.csv")
        assert (copy["added"], copy["changed"], copy["refused"], copy["known"]) == (1, 0, 0, 3)
        assert Membership.objects.count() == before + 1

    def test_a_correction_is_not_undone_by_the_same_file(self, areas, tmp_path, noon):
        taken(tmp_path, self.ROWS[:2])
        one = Resident.objects.get(phone_hash__gt=b"")
        operations.change_resident(by=MAKER, at=noon, resident_id=one.pk, given={"phone": "13900000999"}, **TOLD)
        assert taken(tmp_path, self.ROWS[:2])["changed"] == 0
        assert bytes(Resident.objects.get(pk=one.pk).phone_hash) != bytes(one.phone_hash)

    def test_a_moved_person_has_both_homes_in_the_history(self, areas, tmp_path):
        taken(tmp_path, self.ROWS)
        one = Resident.objects.get(birth=date(1990, 3, 7))
        assert list(one.memberships.order_by("starts_on").values_list("household__dwelling__address", "starts_on", "ends_on")) == [
            ("桂花巷9号301室", date(2020, 5, 1), date(2024, 2, 1)), ("青山路5号", date(2024, 2, 1), None),
        ]  # fmt: skip

    def test_a_workbook_with_days_and_numbers_as_cells_is_read_alike(self, areas, tmp_path):
        book = openpyxl.Workbook()
        book.active.append(HEADS)
        book.active.append(["沈云舒", number(), "H1", "户主", "桂花巷9号301室", date(2020, 5, 1), 13900000117])
        book.save(tmp_path / "people.xlsx")
        out = StringIO()
        call_command("import", "residents", str(tmp_path / "people.xlsx"), "--mapping", str(mapping(tmp_path / "m.yaml")), stdout=out)
        assert json.loads(out.getvalue())["added"] == 1
        assert taken(tmp_path, self.ROWS[:1])["known"] == 1


class TestMappings:
    def test_columns_are_proposed(self, areas, tmp_path):
        out = StringIO()
        call_command("import", "residents", str(write(tmp_path / "people.csv", [])), stdout=out)
        assert yaml.safe_load(out.getvalue())["fields"] == {
            "name": "姓名", "number": "身份证号", "household": "户号", "relation": "与户主关系", "address": "现住址", "since": "入住日期", "phone": "手机",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "part"),
        [
            ({"fields": {"name": "名"}}, "fields.name"),
            ({"fields": {"shoe": "姓名"}}, "fields.shoe"),
            ({"source": ""}, "source"),
            ({"basis": None}, "basis"),
            ({"as_of": "soon"}, "as_of"),
            ({"header": 0}, "header"),
            ({"columns": 1}, "columns"),
            ({"words": [1]}, "words"),
        ],
    )
    def test_a_mapping_that_cannot_be_used_names_its_part(self, areas, tmp_path, change, part):
        with pytest.raises(CommandError, match=part):
            taken(tmp_path, [], **change)
        assert not TakenFile.objects.exists()


class TestMade:
    def test_the_same_number_and_seed_give_the_same_people(self):
        first, second = (list(made.people(300, 7, date(2026, 11, 30))) for _time in range(2))
        assert first == second
        other = list(made.people(300, 8, date(2026, 11, 30)))
        assert not {row[2] for row in first} & {row[2] for row in other}  # people of two seeds are not taken for each other
        assert all(numbers.read(row[2]).birth == date.fromisoformat(row[4]) for row in first if row[1] == "居民身份证")

    def test_they_go_into_the_register_whole(self, areas, tmp_path):
        out = StringIO()
        call_command("made", "residents", "400", "--seed", "3", "--out", str(tmp_path / "p.csv"), "--as-of", "2026-11-18", stdout=StringIO())
        call_command("import", "residents", str(tmp_path / "p.csv"), "--mapping", str(tmp_path / "p.csv.mapping.yaml"), stdout=out)
        told = json.loads(out.getvalue())
        assert (told["added"], told["refused"]) == (400, 0), told
        assert told["rows"] == told["added"] + told["changed"]
        assert Resident.objects.filter(died_on__isnull=False).exists()
        assert Dwelling.objects.filter(longitude__isnull=False).count() == Dwelling.objects.count()
