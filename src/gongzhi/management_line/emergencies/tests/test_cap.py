"""CAP messages: judged as the schema judges them, read and written back the same."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongzhi.management_line.emergencies import cap

SHARED = Path(os.environ.get("GONGZHI_SHARED", Path(__file__).resolve().parents[6] / "shared")) / "data" / "cap"
HEAD = (
    "<identifier>31.1</identifier><sender>met@example.org</sender><sent>2026-07-01T08:00:00+08:00</sent><status>Actual</status>"
    "<msgType>Alert</msgType><scope>Public</scope>"
)
INFO = (
    "<info><language>zh-CN</language><category>Met</category><event>暴雨</event><urgency>Expected</urgency><severity>Severe</severity>"
    "<certainty>Likely</certainty><headline>暴雨橙色预警</headline><area><areaDesc>云溪镇</areaDesc>"
    "<polygon>30.1,120.1 30.2,120.1 30.2,120.2 30.1,120.1</polygon></area></info>"
)


def alert(inside=HEAD + INFO, root=f'<alert xmlns="{cap.NS}">'):
    return f'<?xml version="1.0" encoding="UTF-8"?>{root}{inside}</alert>'.encode()


class TestRead:
    def test_takes_what_a_message_says(self):
        message = cap.read(alert())
        assert (message.identifier, message.sender, message.kind) == ("31.1", "met@example.org", "Alert")
        assert message.sent == datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
        info = message.info()
        assert (info.event, info.severity, info.is_chinese) == ("暴雨", "Severe", True)
        assert info.areas[0].polygons[0][0] == (30.1, 120.1)
        assert message.remarks == ()

    @pytest.mark.parametrize(
        ("inside", "said"),
        [
            (HEAD.replace("<status>Actual</status>", ""), "alert/status is missing; <msgType> stands there instead"),
            (HEAD.replace("Actual", "actual"), "none of Actual"),
            (HEAD.replace("Actual", " Actual"), "none of Actual"),
            (HEAD.replace("2026-07-01T08:00:00+08:00", "2026-07-01T00:00:00Z"), "no date and time"),
            (HEAD.replace("2026-07-01T08:00:00+08:00", "2026-02-30T08:00:00+08:00"), "no date and time"),
            (HEAD.replace("+08:00", "+14:01"), "no date and time"),
            (HEAD.replace("08:00:00+08", "24:00:01+08"), "no date and time"),
            (HEAD.replace("<scope>", "<reference>x</reference><scope>"), "<reference> stands there instead"),
            (HEAD + INFO + "<note>late</note>", "<note> is not expected there"),
            (HEAD + INFO.replace("<category>Met</category>", ""), "alert/info/category is missing"),
            (HEAD + INFO.replace("<event>暴雨</event>", "<event>暴雨<b/></event>"), "holds text, not <b>"),
            (HEAD + INFO.replace("<info>", "<info>x"), "text stands between its elements"),
            (HEAD + INFO.replace("<info>", '<info lang="zh">'), "attribute lang"),
            (HEAD + INFO.replace("zh-CN", "中文"), "names no language"),
            (HEAD + INFO.replace("</areaDesc>", "</areaDesc><altitude>high</altitude>"), "alert/info/area"),
            (HEAD + '<x xmlns="urn:x"/>', "<x> of urn:x is not expected there"),
        ],
    )  # fmt: skip
    def test_refuses_what_the_schema_does_not_allow_and_says_where(self, inside, said):
        with pytest.raises(cap.NotValid, match=said.replace("/", "/").replace("[", r"\[")):
            cap.read(alert(inside))

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "no well-formed XML"), (b"<alert/>", "no namespace"), (alert(root='<alert xmlns="urn:oasis:names:tc:emergency:cap:1.1">'), "cap:1.1"),
            (b'<!DOCTYPE a [<!ENTITY x "y">]>' + alert().split(b"?>", 1)[1], "not taken"), (alert()[:-9], "no well-formed XML"),
            (b'<?xml version="1.0" encoding="klingon"?><alert/>', "XML"), (b" " * 1_000_001, "larger than 1000 kB"),
        ],
    )  # fmt: skip
    def test_refuses_what_is_no_message_at_all(self, content, said):
        with pytest.raises(cap.NotValid, match=said):
            cap.read(content)

    def test_takes_a_signature_at_the_end_and_nowhere_else(self):
        signature = f'<Signature xmlns="{cap.SIGNATURE}"><a/></Signature>'
        assert cap.read(alert(HEAD + INFO + signature)).identifier == "31.1"
        with pytest.raises(cap.NotValid):
            cap.read(alert(HEAD + signature + INFO))

    def test_takes_the_last_moment_of_a_day(self):
        assert cap.moment_of("2026-07-01T24:00:00+08:00") == datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
        assert cap.moment_of("9999-12-31T24:00:00-14:00") is None

    @pytest.mark.parametrize(
        ("inside", "said"),
        [
            (HEAD.replace("Alert", "Cancel"), "references"), (HEAD.replace("31.1", "31 1"), "identifier"), (HEAD.replace("Public", "Private"), "addresses"),
            (HEAD + INFO.replace("30.1,120.1</polygon>", "30.3,120.1</polygon>"), "polygon"),
            (HEAD + INFO.replace("<headline>", "<expires>2026-07-01T08:00:00+08:00</expires><headline>"), "expires"),
        ],
    )  # fmt: skip
    def test_remarks_what_the_standard_asks_in_words_only(self, inside, said):
        assert any(said in remark for remark in cap.read(alert(inside)).remarks)


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), min_size=1, max_size=20).map(str.strip).filter(bool)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h)))).map(
    lambda at: at.replace(microsecond=0)
)

areas = st.builds(cap.Area, words=texts, polygons=st.just(()), circles=st.just(((30.0, 120.0, 2.5),)), codes=st.just(()))


class TestWrite:
    @given(
        st.builds(
            cap.Message, identifier=texts, sender=texts, sent=moments, status=st.sampled_from(cap.STATUS), kind=st.sampled_from(cap.MESSAGE),
            scope=st.sampled_from(cap.SCOPE), note=st.just("") | texts, references=st.just(()), remarks=st.just(()),
            infos=st.lists(st.builds(
                cap.Info, event=texts, urgency=st.sampled_from(cap.URGENCY), severity=st.sampled_from(cap.SEVERITY),
                certainty=st.sampled_from(cap.CERTAINTY), categories=st.lists(st.sampled_from(cap.CATEGORY), min_size=1, max_size=3).map(tuple),
                language=st.sampled_from(["zh-CN", "en-US"]), responses=st.lists(st.sampled_from(cap.RESPONSE), max_size=2).map(tuple),
                effective=st.none() | moments, onset=st.none() | moments, expires=st.none() | moments, sender_name=st.just("") | texts,
                headline=st.just("") | texts, description=st.just("") | texts, instruction=st.just("") | texts, web=st.just(""), contact=st.just(""),
                parameters=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
                areas=st.lists(areas, max_size=2).map(tuple),
            ), max_size=2).map(tuple),
        )
    )  # fmt: skip
    def test_is_read_back_the_same(self, message):
        back = cap.read(cap.write(message))
        assert {name: getattr(back, name) for name in cap.Message.__slots__ if name != "remarks"} == {
            name: getattr(message, name) for name in cap.Message.__slots__ if name != "remarks"
        }


class TestAlertCheck:
    def test_prints_one_line_a_file(self, tmp_path, capsys):
        good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
        good.write_bytes(alert())
        bad.write_bytes(alert(HEAD.replace("Actual", "Real")))
        with pytest.raises(SystemExit):
            call_command("alert", "check", str(good), str(bad), str(tmp_path / "none.xml"))
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(Path(one["file"]).name, one["verdict"]) for one in told] == [("good.xml", "valid"), ("bad.xml", "invalid"), ("none.xml", "invalid")]
        assert "alert/status" in told[1]["reason"]


ADDRESSES = (
    "http://a.example/b?c=d#e", "1http://a.example/", "a:b", "1a:b", "a b", "http://a b/", "http://暴雨.cn/路", "http://a:80x/", "http://[::1]/", "//a/b",
    "/a/b", "a/b:c", "http://", "", "#", "?", "http://a/%zz", "http://a/%20", "mailto:a@b.cn", "http://u:p@h/", "a|b{c}", "http://[x]/", ":", "/", "a//b",
    "x:", "ht!tp:a",
)  # fmt: skip


@pytest.mark.skipif(not SHARED.exists(), reason="the shared CAP samples are not here")
class TestAgainstTheStandardsOwnSchema:
    @pytest.fixture
    def judge(self):
        etree = pytest.importorskip("lxml.etree")
        schema = etree.XMLSchema(etree.parse(str(SHARED / "CAP-v1.2.xsd")))

        def judged(content):
            try:
                return schema.validate(etree.fromstring(content))
            except etree.XMLSyntaxError:
                return False

        return judged

    @staticmethod
    def own(content):
        try:
            cap.read(content)
        except cap.NotValid:
            return False
        return True

    def test_agrees_on_every_sample(self, judge):
        files = sorted((SHARED / "samples").glob("*.xml"))
        assert len(files) >= 8
        assert [self.own(file.read_bytes()) for file in files] == [judge(file.read_bytes()) for file in files]

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_agrees_on_addresses(self, judge, address):
        content = alert(HEAD + INFO.replace("</headline>", f"</headline><web>{address}</web>"))
        assert self.own(content) == judge(content)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # a schema has no state
    @given(data=st.data())
    def test_agrees_on_samples_with_something_changed(self, judge, data):
        file = data.draw(st.sampled_from(sorted((SHARED / "samples").glob("*.xml"))))
        lines = file.read_text(encoding="utf-8").replace("><", ">\n<").splitlines()
        place = data.draw(st.integers(1, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "swap", "word"])):
            case "drop":
                lines.pop(place)
            case "twice":
                lines.insert(place, lines[place])
            case "swap":
                lines[place - 1], lines[place] = lines[place], lines[place - 1]
            case "word":
                lines[place] = lines[place].replace(">", ">" + data.draw(st.sampled_from(["x", " ", "Unknown", "1", "2026-01-01T00:00:00-00:00"])), 1)
        content = "\n".join(lines).encode()
        assert self.own(content) == judge(content), content.decode()[:3000]
