"""The firms' register: codes, one firm with one organ, life, contacts, figures, files."""

import importlib
import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
import yaml
from django.apps import apps
from django.core.management import call_command

from gongzhi.foundation.organs import operations as organs
from gongzhi.foundation.organs.models import Organ
from gongzhi.kernel.operation import NotAllowed
from gongzhi.registers.firms import codes, operations, queries, values
from gongzhi.registers.firms.models import Firm, FirmContact, FirmFigure
from gongzhi.registers.record.models import RefusedRow
from gongzhi.registers.residents.tests.factories import MAKER, TOLD, ground, serving

TODAY = date(2026, 11, 18)
RIGHT = "91350100M000100Y43"  # the example of GB 32100-2015


@pytest.fixture
def areas(town, noon):
    return ground(noon)


def firm(noon, **given):
    return operations.register_firm(by=MAKER, at=noon, given={"name": "云溪染整有限公司", "code": RIGHT, "industry": "C1713", "size": "中型"} | given, **TOLD)


class TestCodes:
    def test_a_right_code_is_read_in_any_width_and_case(self):
        assert codes.read(" 91350100m000100y43") == codes.read("９１３５０１００Ｍ０００１００Ｙ４３") == RIGHT

    def test_every_wrong_character_is_found(self):
        for place in range(17):
            for letter in codes.ALPHABET:
                if letter != RIGHT[place]:
                    with pytest.raises(codes.BadCode):
                        codes.read(RIGHT[:place] + letter + RIGHT[place + 1 :])

    @pytest.mark.parametrize(
        ("text", "why"), [("91350100M000100Y44", "check"), ("91350100M000100Y4", "form"), ("91350100I000100Y43", "letter"), ("公司", "form")]
    )
    def test_it_says_what_is_wrong(self, text, why):
        with pytest.raises(codes.BadCode) as told:
            codes.read(text)
        assert told.value.why == why

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"code": "91350100M000100Y44"}, "code"), ({"industry": "9999"}, "industry"), ({"industry": "染整"}, "industry"), ({"size": "巨型"}, "size"),
            ({"registered_on": "2027-01-01"}, "registered_on"), ({"moved_in_on": "2020-01-01", "left_on": "2019-12-31"}, "left_on"),
            ({"contact_phone": "abc"}, "contact_phone"), ({"latitude": "91"}, "latitude"),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_named(self, given, field):
        assert [one.field for one in values.read(given, TODAY).wrong] == [field]

    def test_a_class_is_told_with_its_division(self):
        assert values.read({"industry": "C1713 棉印染精加工"}, TODAY).values["industry"] == "1713"
        assert values.industry_words("1713") == "1713 纺织业"
        assert len([code for code in values.industries() if code.isdigit()]) == 97
        assert len([code for code in values.industries() if code.isalpha()]) == 20


class TestRegistering:
    def test_a_firm_has_its_organ_and_is_found_by_code_and_name(self, areas, noon):
        one = firm(noon)
        assert Organ.objects.get(pk=one.organ_id).kind == "enterprise"
        assert queries.find_by_code(seen_by=MAKER, code=RIGHT.lower()) == one
        assert queries.search(seen_by=MAKER, text="云溪染整") == [one]
        with pytest.raises(operations.KnownAlready):
            firm(noon)

    def test_an_organ_that_is_a_firm_gets_its_place_once(self, areas, noon):
        organ = organs.define_organ(by=MAKER, at=noon, kind="enterprise", code="firm-dyeing", name="锦程纺织")
        organs.define_organ(by=MAKER, at=noon, kind="enterprise", code="firm-dyeing", name="锦程纺织有限公司")
        organs.define_organ(by=MAKER, at=noon, kind="department", code="water", name="水务站")
        one = Firm.objects.get()
        assert (one.organ_id, one.name) == (organ.pk, "锦程纺织有限公司")

    def test_the_migration_takes_in_every_firm_of_today(self, areas, noon):
        for number in range(3):
            organs.define_organ(by=MAKER, at=noon, kind="enterprise", code=f"f{number}", name=f"企业{number}", closed_on=TODAY if number else None)
        Firm.objects.all().delete()
        importlib.import_module("gongzhi.registers.firms.migrations.0002_firms_of_organs").take_in(apps, None)
        assert sorted(Firm.objects.values_list("name", "closed_on", "organ__code")) == [
            ("企业0", None, "f0"), ("企业1", TODAY, "f1"), ("企业2", TODAY, "f2"),
        ]  # fmt: skip

    def test_who_left_gets_no_new_cases_and_reports_nothing_after(self, areas, noon):
        one = firm(noon, moved_in_on="2020-01-01")
        with pytest.raises(values.BadValue):
            operations.change_firm(by=MAKER, at=noon, firm_id=one.pk, given={"left_on": "2019-01-01"}, **TOLD)
        operations.change_firm(by=MAKER, at=noon, firm_id=one.pk, given={"left_on": "2026-06-01"}, **TOLD)
        assert Organ.objects.get(pk=one.organ_id).closed_on == date(2026, 6, 1)
        assert queries.gone_before(seen_by=MAKER, organ_id=one.organ_id, day=date(2026, 6, 1)) == one
        assert queries.gone_before(seen_by=MAKER, organ_id=one.organ_id, day=date(2026, 5, 31)) is None
        told = {"firm_id": one.pk, "measure": "output", "period": "month", "amount": Decimal("12.5")} | TOLD
        operations.tell_figure(by=MAKER, at=noon, starts_on=date(2026, 5, 1), **told)
        with pytest.raises(operations.FirmIsGone):
            operations.tell_figure(by=MAKER, at=noon, starts_on=date(2026, 6, 1), **told)

    def test_only_keepers_change_it_and_the_firm_sees_its_own(self, areas, noon):
        one = firm(noon)
        for role in ("grid_worker", "dispatcher", "auditor", "supervisor", "steward"):
            with pytest.raises(NotAllowed):
                operations.change_firm(by=serving(noon, role), at=noon, firm_id=one.pk, given={"size": "small"}, **TOLD)
        assert not Firm.objects.visible_to(serving(noon, "grid_worker")).exists()
        own = serving(noon, "enterprise_contact", code=Organ.objects.get(pk=one.organ_id).code)
        assert list(Firm.objects.visible_to(own)) == [one]
        with pytest.raises(NotAllowed):
            operations.change_firm(by=own, at=noon, firm_id=one.pk, given={"size": "small"}, **TOLD)


class TestContactsAndFigures:
    def test_a_contact_is_sealed_replaced_and_shown_by_an_act(self, areas, noon):
        one = firm(noon)
        operations.set_contact(by=MAKER, at=noon, firm_id=one.pk, role="safety", name="卢文", phone="13900000117")
        operations.set_contact(by=MAKER, at=noon, firm_id=one.pk, role="safety", name="陆武", phone="13900000118")
        ((contact, name, phone),) = queries.contacts_of(seen_by=MAKER, firm=one)
        assert (name, phone) == ("陆*", "139****0118")
        assert operations.show_contact(by=MAKER, at=noon, contact_id=contact.pk, purpose="安全检查") == ("陆武", "13900000118")
        assert FirmContact.objects.count() == 2
        with pytest.raises(operations.NoSuchRole):
            operations.set_contact(by=MAKER, at=noon, firm_id=one.pk, role="boss", name="甲")

    def test_a_figure_is_corrected_and_the_one_before_stays(self, areas, noon):
        one = firm(noon)
        told = {"firm_id": one.pk, "measure": "tax", "period": "year", "starts_on": date(2025, 1, 1)} | TOLD
        for amount in ("10", "10", "12"):
            operations.tell_figure(by=MAKER, at=noon, amount=Decimal(amount), **told)
        assert list(FirmFigure.objects.order_by("pk").values_list("amount", "is_current")) == [(Decimal(10), False), (Decimal(12), True)]
        for change, refusal in (
            ({"amount": Decimal(-1)}, operations.NotNegative), ({"amount": Decimal("NaN")}, operations.NotNegative),
            ({"measure": "luck"}, operations.NoSuchMeasure), ({"starts_on": date(2025, 2, 1)}, operations.NoSuchMeasure),
            ({"starts_on": date(2027, 1, 1)}, operations.NoSuchMeasure),
        ):  # fmt: skip
            with pytest.raises(refusal):
                operations.tell_figure(by=MAKER, at=noon, **({"amount": Decimal(1)} | told | change))


class TestFiles:
    def test_every_row_is_accounted_for_and_the_same_file_twice_changes_nothing(self, areas, noon, tmp_path):
        organs.define_organ(by=MAKER, at=noon, kind="enterprise", code="old", name="锦程纺织有限公司")
        other = RIGHT[:16] + "5"
        other += codes.check_character(other)
        rows = [
            "企业名称,统一社会信用代码,行业,规模,园区,联系人,联系电话,入驻日期", f"云溪染整有限公司,{RIGHT},C1713,中型,溪西社区,卢文,13900000117,2020-01-01",
            f"锦程纺织有限公司,{other},1711,小型,,,,", "坏码公司,91350100M000100Y44,1711,,,,,", "别处公司,,1711,,月球园区,,,", ",,,,,,,", ",,1711,,,,,",
        ]  # fmt: skip
        (tmp_path / "f.csv").write_text("\n".join(rows) + "\n", encoding="gb18030")
        (tmp_path / "m.yaml").write_text(
            yaml.safe_dump(
                {"fields": {"name": "企业名称", "code": "统一社会信用代码", "industry": "行业", "size": "规模", "park": "园区", "contact_name": "联系人",
                            "contact_phone": "联系电话", "moved_in_on": "入驻日期"}, "source": "市场监管",
                            "basis": "《企业信息公示暂行条例》"}, allow_unicode=True,
            ), encoding="utf-8",
        )  # fmt: skip
        told = []
        for _time in range(2):
            out = StringIO()
            call_command("import", "firms", str(tmp_path / "f.csv"), "--mapping", str(tmp_path / "m.yaml"), stdout=out)
            told.append(json.loads(out.getvalue()))
        names = ("rows", "added", "changed", "known", "refused", "blank")
        assert [told[0][name] for name in names] == [6, 1, 1, 0, 3, 1]
        assert [told[1][name] for name in names] == [6, 0, 0, 2, 3, 1]
        first = RefusedRow.objects.order_by("pk").first().file_id
        assert list(RefusedRow.objects.filter(file_id=first).order_by("row").values_list("field", flat=True)) == ["code", "park", "name"]
        assert Firm.objects.get(name="锦程纺织有限公司").code == other
        assert Organ.objects.filter(kind="enterprise").count() == Firm.objects.count() == 2
