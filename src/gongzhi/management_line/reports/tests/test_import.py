"""Taking over another system's events: mapping, file, command; every row accounted for, twice the same."""

import re
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gongzhi.cases import queries as cases
from gongzhi.foundation.calendar import national
from gongzhi.foundation.calendar.working_time import WorkingTime
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, CLOCK
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.reports import mapping as mappings
from gongzhi.management_line.reports.management.commands import suggest
from gongzhi.management_line.reports.mapping import BadFile, BadMapping, Event, Refusal

SHIPPED = Path(mappings.__file__).parent / "mappings" / "pingshan_2018.yaml"
EVENTS = Path(__file__).resolve().parents[6] / "shared" / "data" / "requests/pingshan_2018_events.csv"
HEADER = (
    "REC_ID,CREATE_TIME,EVENT_PROPERTY_NAME,EVENT_TYPE_ID,EVENT_TYPE_NAME,MAIN_TYPE_ID,MAIN_TYPE_NAME,SUB_TYPE_ID,SUB_TYPE_NAME,EVENT_SRC_NAME,"
    "STREET_ID,STREET_NAME,COMMUNITY_ID,COMMUNITY_NAME,DISPOSE_UNIT_ID,DISPOSE_UNIT_NAME,INTIME_ARCHIVE_NUM,OVERTIME_ARCHIVE_NUM"
)


def row(ident, at="2018-07-04 17:24:41", unit="城市管理局", sub="602,无照经营游商", done="1,0", community="10016,和平社区"):
    return f"{ident},{at},投诉,5,市容环卫,178,占道经营,{sub},12345,104,坪山街道,{community},1555,{unit},{done}"


@pytest.fixture
def write(tmp_path):
    def file(*rows, encoding="utf-8", header=HEADER):
        path = tmp_path / "events.csv"
        path.write_text("\r\n".join([header, *rows]) + "\r\n", encoding=encoding)
        return path

    return file


def shipped():
    return mappings.load(SHIPPED)


class TestRead:
    def test_reads_either_encoding(self, write):
        for encoding in ("utf-8", "utf-8-sig", "gb18030"):
            (event,) = mappings.read(write(row(1), encoding=encoding), shipped())
            assert event.organ.name == "城市管理局"

    def test_makes_of_every_row_an_event_or_a_refusal_with_its_reason(self, write):
        nameless = row(5, sub="-,-").replace("5,市容环卫", "-,-")
        path = write(row(1), row(1), row(2, at="4.7.2018"), row(""), row(3, at="1999-01-01 00:00:00"), row(4) + ",more", nameless)
        read = mappings.read(path, shipped())
        assert len(read) == 7
        assert [type(one).__name__ for one in read] == ["Event", *["Refusal"] * 6]
        reasons = " ".join(one.reason for one in read if isinstance(one, Refusal))
        for words in ("twice", "not a time", "no id", "before 2018-01-01", "more values", "title"):
            assert words in reasons

    def test_names_the_columns_that_are_missing(self, write):
        with pytest.raises(BadFile, match="SUB_TYPE_NAME"):
            mappings.read(write(header=HEADER.replace("SUB_TYPE_NAME", "KIND")), shipped())

    def test_finds_repeats_within_the_time_in_chains(self, write):
        path = write(row(1), row(2, at="2018-07-04 17:25:30"), row(3, at="2018-07-04 17:26:20"), row(4, at="2018-07-04 18:00:00"))
        events = [one for one in mappings.read(path, shipped()) if isinstance(one, Event)]
        assert mappings.repeats(events, 60) == {"2": "1", "3": "1"}


class TestMapping:
    def test_names_every_fault(self):
        with pytest.raises(BadMapping) as caught:
            mappings.parse({"source": "x", "life": {"column": "a", "otherwise": "fun"}, "area": [{"level": "planet", "code": "1", "name": "x"}]})
        faults = " ".join(caught.value.faults)
        for name in ("id:", "case_title:", "opened_at:", "town:", "town.founded:", "life:", "area.1.level:"):
            assert name in faults

    def test_refuses_what_is_no_mapping(self, tmp_path):
        (tmp_path / "m.yaml").write_text("- a\n- b", encoding="utf-8")
        with pytest.raises(BadMapping):
            mappings.load(tmp_path / "m.yaml")


def take(path, capsys, **more):
    call_command("import", "cases", str(path), "--mapping", "pingshan_2018", "--town", "pingshan", **more)
    return {line[:20].strip(): int(line[20:28]) for line in capsys.readouterr().out.splitlines() if line[20:28].strip().isdigit()}


@pytest.mark.usefixtures("db")
class TestCommand:
    def test_founds_the_town_and_accounts_for_every_row(self, write, capsys):
        path = write(row(1), row(2, at="2018-07-04 17:25:00"), row(3, at="bad"), row(4, done="0,1", unit="-", at="2018-08-01 08:00:00"),
                     row(5, done="-,-", at="2018-08-02 08:00:00"), row(6, at="2018-08-03 08:00:00", community="-,-"))  # fmt: skip
        assert take(path, capsys) == {"imported": 4, "merged (repeats)": 1, "known from before": 0, "refused": 1, "rows": 6}
        assert "not a time" in path.with_name("events.csv.refused.csv").read_text(encoding="utf-8-sig")
        with in_town(territory.town_by_code(seen_by=ANYONE, code="pingshan").pk):
            made = {case.origin_ref.split(":")[1]: case for case in cases.cases(seen_by=CLOCK, order="newest")}
            assert set(made) == {"1", "2", "4", "5", "6"}
            assert made["1"].state == "closed"
            assert made["1"].closed_unverified
            assert made["1"].overdue_at is None
            assert made["1"].number == "坪山报〔2018〕00001"
            assert made["1"].area.name == "和平社区"
            assert made["2"].state == "merged"
            assert made["2"].merged_into == made["1"]
            assert made["4"].overdue_at is not None
            assert made["4"].closed_at > made["4"].due_at
            assert made["5"].is_open
            assert made["5"].holder.name == "城市管理局"
            assert made["6"].area.name == "坪山街道"
            assert [step.act for step in reversed(cases.steps(seen_by=CLOCK, case=made["1"]))] == ["open", "assign", "accept", "answer", "close_unverified"]

    def test_does_nothing_twice(self, write, capsys):
        path = write(row(1), row(2, at="2018-07-04 18:00:00"))
        take(path, capsys, batch=1)
        assert take(path, capsys) == {"imported": 0, "merged (repeats)": 0, "known from before": 2, "refused": 0, "rows": 2}

    def test_goes_on_where_it_was_stopped(self, write, capsys):
        take(write(row(1)), capsys)
        more = write(row(1), row(2, at="2018-07-04 17:25:00"), row(3, at="2018-09-01 00:00:00"))
        assert take(more, capsys) == {"imported": 1, "merged (repeats)": 1, "known from before": 1, "refused": 0, "rows": 3}
        with in_town(territory.town_by_code(seen_by=ANYONE, code="pingshan").pk):
            assert cases.cases(seen_by=CLOCK, state="merged").get().merged_into.origin_ref.endswith(":1")

    def test_writes_nothing_on_a_dry_run(self, write, capsys):
        call_command("import", "cases", str(write(row(1))), "--mapping", "pingshan_2018", "--town", "pingshan", "--dry-run")
        assert not territory.towns(seen_by=ANYONE).filter(code="pingshan").exists()
        assert "imported" in capsys.readouterr().out

    def test_says_which_mappings_there_are(self, write):
        with pytest.raises(CommandError, match="pingshan_2018"):
            call_command("import", "cases", str(write(row(1))), "--mapping", "nothing", "--town", "x")

    @pytest.mark.skipif(not EVENTS.is_file(), reason="the events of the district are not on this machine")
    def test_takes_over_a_district_s_year(self, tmp_path, capsys):
        counted = take(EVENTS, capsys, refused=tmp_path / "refused.csv")
        assert counted["rows"] == 5000
        assert counted["imported"] + counted["merged (repeats)"] + counted["refused"] == 5000
        with in_town(territory.town_by_code(seen_by=ANYONE, code="pingshan").pk):
            states = Counter(cases.cases(seen_by=CLOCK).values_list("state", flat=True))
            assert sum(states.values()) == 5000 - counted["refused"]
            assert states["merged"] == counted["merged (repeats)"]
            assert states["assigned"] + states["opened"] == 3  # the register does not say whether these were closed
            assert cases.cases(seen_by=CLOCK, overdue=True).count() <= 481


# ---- what went wrong without a word ---------------------------------------------------------------------------------
GUIDE = Path(__file__).resolve().parents[5] / "docs" / "howto" / "import-cases.md"


def plain(**more):
    return mappings.parse(
        {"source": "old", "town": {"name": "旧镇", "short_name": "旧镇", "founded": date(1990, 1, 1)}, "id": "{id}", "case_title": "{id}",
         "opened_at": {"column": "opened"}, "category": [{"code": "{cat}", "name": "{cat}"}], "organ": {"code": "{unit}", "name": "{unit}"},
         "area": [{"level": "community", "code": "{place}", "name": "{place}"}], **more}
    )  # fmt: skip


class TestCodes:
    def events(self, write, *rows):
        return mappings.read(write(*rows, header="id,opened,cat,unit,place"), plain())

    def test_in_chinese_stay_apart(self, write):
        one, other = self.events(write, "1,2020-01-07T11:00:00,A1,龙田街道综合执法队,南布社区", "2,2020-01-07T11:00:00,A1,环境保护和水务局,金沙社区")
        assert one.organ.code != other.organ.code
        assert one.areas[-1].code != other.areas[-1].code
        for event in (one, other):
            assert re.fullmatch("[0-9A-Za-z_-]{1,40}", event.organ.code)
            assert re.fullmatch("[0-9A-Za-z-]{1,20}", event.areas[-1].code)

    def test_that_are_long_stay_apart_and_others_stay_as_they_are(self, write):
        one, other, short = self.events(
            write, "1,2020-01-07T11:00:00,DSNY-Missed-Collection,a,b", "2,2020-01-07T11:00:00,DSNY-Missed-Collecting,a,b",
            f"3,2020-01-07T11:00:00,{'A' * 20},a,b",
        )  # fmt: skip
        assert one.categories[0].code != other.categories[0].code
        assert len(one.categories[0].code) <= 20
        assert (short.categories[0].code, short.organ.code, short.areas[0].code) == ("A" * 20, "a", "b")

    def test_of_one_unit_are_always_the_same(self, write):
        one, other = self.events(write, "1,2020-01-07T11:00:00,A1,水务局,x", "2,2021-01-07T11:00:00,A1,水务局,x")
        assert one.organ == other.organ


class TestOldDeadlines:
    def test_are_refused_where_no_calendar_is_known_with_row_column_and_value(self, write):
        path = write("1,2003-12-31T11:00:00,A1,a,b", "2,2004-01-01T00:00:00,A1,a,b", header="id,opened,cat,unit,place")
        refused, taken = mappings.read(path, plain())
        assert (refused.line, refused.column, refused.value) == (2, "opened", "2003-12-31T11:00:00")
        assert "2004-01-01" in refused.reason
        assert isinstance(taken, Event)
        assert all(isinstance(one, Event) for one in mappings.read(path, plain(limit={"amount": 5, "unit": "calendar_days"})))

    def test_before_2015_are_counted_by_the_notices_of_their_year(self):
        with_shifts = WorkingTime(
            zone=ZoneInfo("Asia/Shanghai"), hours=(), exceptions={}, national=national.day, provisional=national.is_provisional, known_since=date(2004, 1, 1)
        )
        begin = datetime(2010, 2, 10, 11, tzinfo=with_shifts.zone)  # Spring Festival 13 to 19 February; the 20th and 21st were worked
        due = with_shifts.moment_of(with_shifts.seconds_before(begin) + 5 * 7 * 3600)
        assert due == datetime(2010, 2, 22, 11, tzinfo=with_shifts.zone)
        across = with_shifts.seconds_before(datetime(2015, 1, 5, 8, 30, tzinfo=with_shifts.zone))
        before = with_shifts.seconds_before(datetime(2014, 12, 31, 8, 30, tzinfo=with_shifts.zone))
        assert across - before == (1 + 1) * 7 * 3600  # 31 December, and Sunday the 4th of January, which was worked


@pytest.mark.usefixtures("db")
class TestGuide:
    def test_does_what_it_says(self, tmp_path, capsys):
        text = GUIDE.read_text(encoding="utf-8")
        for form in ("csv", "yaml"):
            (tmp_path / f"hotline.{form}").write_text(re.search(rf"```{form}\n(.*?)```", text, re.DOTALL)[1], encoding="utf-8")
        given = ["import", "cases", str(tmp_path / "hotline.csv"), "--mapping", str(tmp_path / "hotline.yaml"), "--town", "yunxi-old"]
        call_command(*given, "--dry-run")
        said = capsys.readouterr().out
        for line in re.search(r"```\n(imported.*?)```", text, re.DOTALL)[1].splitlines():
            assert line in said
        call_command(*given)
        done = capsys.readouterr().out
        assert [line for line in done.splitlines() if line.startswith(("imported", "refused  ", "  line"))] == [
            line for line in said.splitlines() if line.startswith(("imported", "refused  ", "  line"))
        ]
        with in_town(territory.town_by_code(seen_by=ANYONE, code="yunxi-old").pk):
            made = {case.origin_ref: case for case in cases.cases(seen_by=CLOCK)}
            assert made["hotline:12001"].state == "closed"
            assert made["hotline:12002"].holder.name == "综合执法队"
            assert made["hotline:12001"].area.name == "南布社区"


@pytest.mark.usefixtures("db")
class TestTryingOut:
    @pytest.mark.parametrize(
        "more",
        [
            "town: {name: 坪山, short_name: 坪山坪山坪山坪山坪山坪山坪, founded: 2018-01-01}",
            "kind: nothing-of-that-sort",
            "dispatch: no-such-organ",
        ],
    )
    def test_refuses_what_only_the_database_finds_as_the_import_does(self, write, tmp_path, more):
        mapping = tmp_path / "m.yaml"
        mapping.write_text(SHIPPED.read_text(encoding="utf-8") + f"\n{more}\n", encoding="utf-8")  # the last of two of a name counts
        given = ["import", "cases", str(write(row(1))), "--mapping", str(mapping), "--town", "pingshan"]
        said = []
        for tries in (["--dry-run"], []):
            with pytest.raises(CommandError) as refused:
                call_command(*given, *tries)
            said.append(str(refused.value))
        assert said[0].split(" The import would")[0] == said[1].split(" Nothing of this")[0]
        assert said[0].endswith("nothing was written.")

    def test_says_what_is_known_from_before_and_changes_nothing(self, write, capsys):
        take(write(row(1)), capsys)
        call_command("import", "cases", str(write(row(1), row(2))), "--mapping", "pingshan_2018", "--town", "pingshan", "--dry-run")
        counted = dict(line.rsplit(None, 1) for line in capsys.readouterr().out.splitlines() if line.startswith(("imported", "known", "merged")))
        assert {name.strip(): int(n) for name, n in counted.items()} == {"imported": 0, "merged (repeats)": 1, "known from before": 1}
        with in_town(territory.town_by_code(seen_by=ANYONE, code="pingshan").pk):
            assert cases.cases(seen_by=CLOCK).count() == 1


class TestLimits:
    def test_a_file_of_more_rows_or_letters_than_can_be_held_is_refused(self, write, monkeypatch):
        monkeypatch.setattr(mappings, "MOST_ROWS", 2)
        assert len(mappings.read(write(row(1), row(2)), shipped())) == 2
        with pytest.raises(BadFile, match="2"):
            mappings.read(write(row(1), row(2), row(3)), shipped())
        monkeypatch.setattr(mappings, "MOST_CHARACTERS", 300)
        with pytest.raises(BadFile, match="300"):
            mappings.read(write(row(1), row(2)), shipped())

    def test_a_cell_without_end_is_refused_and_not_raised(self, write):
        with pytest.raises(BadFile):
            mappings.read(write(row(1) + ',"' + "x" * 1_000_001), shipped())

    def test_so_is_a_file_to_learn_from(self, tmp_path, monkeypatch):
        path = tmp_path / "a.csv"
        path.write_text("text,label\n" + "路灯不亮,灯\n" * 3, encoding="utf-8")
        assert len(suggest.read(path, [], "")[2]) == 3
        monkeypatch.setattr(suggest, "MOST_TEXTS", 2)
        with pytest.raises(CommandError, match="2"):
            suggest.read(path, [], "")
