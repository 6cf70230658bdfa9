"""Papers are numbered, set, signed, checked and taken back."""

import re
import zlib
from datetime import UTC, date, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.db.models import Q
from django.test import Client
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from gongzhi.foundation.attachments import rules as attachment_rules
from gongzhi.foundation.organs.models import Organ
from gongzhi.foundation.papers import codes, facts, holders, operations, queries, scopes, signing, sorts, typesetting
from gongzhi.foundation.papers.models import Paper, SigningKey
from gongzhi.foundation.people import sealing
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, Duty
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry

FACTS = [["姓名", "王㛃"], ["证件类型", "居民身份证"]]


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}}


@pytest.fixture
def organ(town):
    return Organ.objects.create(town=town, kind="department", code="affairs", name="政务服务中心")


@pytest.fixture
def officer(organ):
    return Actor(kind="person", person_id=70, user_id=7, duties=(Duty(organ_id=organ.pk, role="department_officer"),))


RESIDENT = Actor(kind="person", person_id=71, user_id=8)


@pytest.fixture
def issue(media, organ, officer, noon):
    def made(**more):
        given = {
            "by": officer, "at": noon, "sort": "certificate", "title": "居住证明", "data": {"facts": FACTS}, "holder": holders.person(71, "王㛃"),
            "organ_id": organ.pk,
        } | more  # fmt: skip
        return operations.issue_paper(**given)

    return made


def content(paper):
    with default_storage.open(paper.attachment.stored) as file:
        return file.read()


def words(pdf):
    """Return the characters that a reader finds in a PDF: what its fonts say that their glyphs stand for (ISO 32000-2, 9.10.3)."""
    reader = PdfFileReader(BytesIO(pdf))
    found = set()
    for number in range(1, reader.trailer["/Size"]):
        try:
            thing = reader.get_object(generic.Reference(number, pdf=reader))
        except Exception:
            continue
        if isinstance(thing, generic.DictionaryObject) and "/ToUnicode" in thing:
            for target in re.findall(rb"<[0-9A-Fa-f]+>\s*<([0-9A-Fa-f]+)>", thing["/ToUnicode"].data):
                found |= set(bytes.fromhex(target.decode()).decode("utf-16-be"))
    return found


class TestIssuePaper:
    def test_gives_numbers_of_a_series_that_begins_anew_with_the_year_and_the_sort(self, issue, noon):
        numbers = [issue().number, issue().number, issue(sort="decision", data={"body": ["同意。"]}).number, issue(at=noon + timedelta(days=60)).number]
        assert numbers == ["云溪证〔2026〕00001", "云溪证〔2026〕00002", "云溪决〔2026〕00001", "云溪证〔2027〕00001"]

    def test_writes_pdf_a_with_every_character_of_a_rare_name(self, issue):
        pdf = content(issue(holder=holders.person(71, "㛃𬱟𠮷"), data={"facts": [["姓名", "㛃𬱟𠮷"], ["经营项目", "饮食、食品"]]}))
        assert set("㛃𬱟𠮷饮食品") <= words(pdf)
        assert b"pdfaid:part" in pdf or b"pdfaid:part" in b"".join(_streams(pdf))

    def test_sets_what_people_write_as_text_and_never_as_markup(self, issue):
        hostile = '#eval("1+1") *粗* `x` $a$ #read("/etc/passwd") <a> #import "@preview/x:1.0.0": y'
        pdf = content(issue(title=hostile, data={"facts": [[hostile, hostile]], "body": [hostile]}))
        assert set("#*$`@") <= words(pdf)

    @pytest.mark.parametrize(("name", "told"), [("王😀", "😀"), ("王\u202e明", "U+202E"), ("王\u0001", "U+0001"), ("王\ue000", "U+E000"), ("สมชาย", "ส")])
    def test_refuses_what_cannot_be_printed_and_names_it(self, issue, name, told):
        with pytest.raises(typesetting.CannotBeWritten, match=re.escape(told)):
            issue(holder=holders.person(71, name))
        assert not Paper.objects.exists()

    def test_a_refused_paper_takes_no_number(self, issue):
        with pytest.raises(typesetting.CannotBeWritten):
            issue(holder=holders.person(71, "王😀"))
        assert issue().serial == 1

    @pytest.mark.parametrize(
        "data",
        [{}, {"facts": []}, {"facts": "x"}, {"facts": [["one"]]}, {"facts": FACTS, "more": "x"}, {"facts": FACTS, "body": "no lines"}, {"facts": [[1, 2]]}],
    )
    def test_refuses_data_that_the_sort_does_not_take(self, issue, data):
        with pytest.raises(typesetting.DoesNotFit):
            issue(data=data)

    def test_refuses_a_last_day_before_the_first_and_takes_one_day(self, issue):
        with pytest.raises(operations.EndsBeforeItStarts):
            issue(valid_from=date(2026, 12, 2), valid_until=date(2026, 12, 1))
        assert issue(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 1)).valid_until == date(2026, 12, 1)

    def test_nobody_issues_to_themselves_nor_without_a_post(self, issue, officer):
        with pytest.raises(NotAllowed):
            issue(holder=holders.person(70, "李明"))
        with pytest.raises(NotAllowed):
            issue(by=RESIDENT, holder=holders.person(72, "李明"))
        receipt = issue(by=RESIDENT, sort="receipt", data={"body": ["收到您的申请。"], "materials": [["申请表", "1", "原件"]]})
        assert receipt.number.startswith("云溪收")

    def test_leaves_a_private_fact_without_the_holders_name(self, issue):
        paper = issue()
        entry = Entry.objects.get(kind=facts.PaperIssued.__name__)
        assert entry.content["sha256"] == paper.sha256
        assert not entry.is_public
        assert "王" not in str(entry.content)
        assert "王".encode() not in bytes(Paper.objects.get().holder_sealed)

    def test_keys_are_made_once_and_lie_sealed(self, issue):
        issue()
        issue()
        assert sorted(SigningKey.objects.values_list("role", flat=True)) == ["papers", "root"]
        for key in SigningKey.objects.all():
            assert b"PRIVATE" not in bytes(key.private_sealed)
            assert "PRIVATE KEY" in sealing.unseal(key.private_sealed, "papers-key")

    def test_a_key_that_has_run_out_is_followed_by_another_under_the_same_root(self, issue, noon):
        first = issue()
        later = issue(at=noon + timedelta(days=5 * 365 + 1))
        assert first.key_id != later.key_id
        assert SigningKey.objects.filter(role="root").count() == 1
        assert queries.check_file(seen_by=ANYONE, content=content(later), on=date(2032, 1, 1))[0].code == "whole"

    @pytest.mark.parametrize("sort", ["decision", "receipt", "agreement", "minutes", "certificate"])
    def test_every_shipped_sort_is_set(self, issue, sort):
        known = sorts.sort_of(sort)
        sample = {"text": "一段文字。\n第二行", "lines": ["第一条。", "https://example.org/" + "a" * 300]}
        data = {part.name: sample.get(part.shape) or [["内容"] * part.columns] * 80 for part in known.parts}
        assert content(issue(sort=sort, data=data)).startswith(b"%PDF")


def _streams(pdf):
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            yield zlib.decompress(match[1])
        except zlib.error:
            yield match[1]


def appended_byte(pdf):
    return pdf + b"\n"


def turned(pdf):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page, _resources = writer.find_page_for_modification(0)
    page.get_object()["/Rotate"] = generic.NumberObject(90)
    writer.mark_update(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def commented(pdf):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    note = generic.DictionaryObject(
        {
            generic.NameObject("/Type"): generic.NameObject("/Annot"),
            generic.NameObject("/Subtype"): generic.NameObject("/Text"),
            generic.NameObject("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (10, 10, 40, 40)]),
            generic.NameObject("/Contents"): generic.TextStringObject("后来加上的"),
        }
    )
    writer.register_annotation(writer.find_page_for_modification(0)[0], writer.add_object(note))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def changed_byte(pdf):
    place = len(pdf) // 3
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


class TestCheckFile:
    on = date(2026, 11, 18)

    def judged(self, pdf):
        return queries.check_file(seen_by=ANYONE, content=pdf, on=self.on)

    def test_the_file_as_it_was_issued_passes(self, issue):
        paper = issue()
        verdict, found = self.judged(content(paper))
        assert verdict.passes
        assert (found.paper, found.standing.code, found.paper.holder_masked) == (paper, "valid", "王*")

    @pytest.mark.parametrize("change", [appended_byte, turned, commented])
    def test_what_was_added_later_fails_and_the_paper_that_it_was_is_named(self, issue, change):
        paper = issue()
        verdict, found = self.judged(change(content(paper)))
        assert (verdict.code, verdict.passes) == ("appended", False)
        assert found.paper == paper

    @pytest.mark.parametrize("change", [appended_byte, turned, commented, changed_byte])
    def test_the_signature_alone_does_not_let_a_changed_file_pass(self, issue, change, noon):
        pdf = content(issue())
        root = queries.root(seen_by=ANYONE)
        assert signing.judge(pdf, root=root, at=noon).passes
        assert not signing.judge(change(pdf), root=root, at=noon).passes

    def test_a_changed_byte_is_told_as_a_change(self, issue):
        assert self.judged(changed_byte(content(issue())))[0].code == "changed"

    def test_a_file_with_our_signature_and_no_record_fails(self, issue, noon):
        pdf, _twice = signed_aside(issue(), noon)
        assert signing.judge(pdf, root=queries.root(seen_by=ANYONE), at=noon).passes
        assert self.judged(pdf)[0].code == "unknown"

    def test_a_second_signature_fails(self, issue, noon):
        _once, pdf = signed_aside(issue(), noon)
        assert not signing.judge(pdf, root=queries.root(seen_by=ANYONE), at=noon).passes
        assert self.judged(pdf)[0].code == "several"

    def test_the_signature_of_another_town_is_not_ours(self, issue, other_town, noon):
        issue()
        with in_town(other_town.pk):
            theirs = operations.issue_paper(
                by=CLOCK,
                at=noon,
                sort="certificate",
                title="居住证明",
                data={"facts": FACTS},
                holder=holders.named("王明"),
            )
            pdf = content(theirs)
        verdict, found = self.judged(pdf)
        assert (verdict.code, found) == ("not-ours", None)

    @pytest.mark.parametrize(
        ("pdf", "code"),
        [
            (b"", "no-pdf"),
            (b"hello", "no-pdf"),
            (b"%PDF-1.7\n%%EOF", "unsigned"),
            (b"%PDF-1.7 /ByteRange [0 5 7 3] <30>", "not-ours"),
            (b"%PDF-1.7 /ByteRange [0 999999999 999999999 999999999]", "unsigned"),
            (b"%PDF-1.7" + b"/ByteRange [0 9 12 3] " * 500, "not-ours"),
        ],
    )
    def test_other_files_are_told_what_they_are(self, town, media, pdf, code):
        assert self.judged(pdf)[0].code == code


def signed_aside(paper, at):
    """Return a file that was signed once with the key of a paper, and one signed twice: neither is in the record."""
    root = SigningKey.objects.get(role="root")
    data = typesetting.read(sorts.CERTIFICATE, {"facts": FACTS})
    unsigned = typesetting.set_paper(sorts.CERTIFICATE.template, head=_head(), data=data, at=at)
    private = sealing.unseal(paper.key.private_sealed, "papers-key")
    once = signing.sign(unsigned, private=private, certificate=bytes(paper.key.certificate), root=bytes(root.certificate), name="x", reason="x")
    twice = unsigned
    for name in ("First", "Second"):
        signer = signing.signer(private=private, certificate=bytes(paper.key.certificate), root=bytes(root.certificate))
        about = signers.PdfSignatureMetadata(field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        twice = signers.PdfSigner(about, signer=signer).sign_pdf(IncrementalPdfFileWriter(BytesIO(twice))).getvalue()
    return once, twice


def _head():
    return {
        "title": "居住证明",
        "number": "x",
        "code": "x",
        "town": "云溪小镇",
        "organ": "x",
        "holder": "x",
        "issued_words": "x",
        "valid_words": "x",
        "check_base": "x",
        "check_url": "x",
        "qr": typesetting.qr("x"),
    }


class TestWithdrawal:
    def test_suspended_resumed_revoked_each_is_told_to_whoever_checks(self, issue, officer, noon):
        paper = issue()
        today = date(2026, 11, 18)

        def told():
            found = queries.check_code(seen_by=ANYONE, code=paper.code, on=today)
            return found.standing.code, found.reason

        operations.suspend_paper(by=officer, at=noon, paper_id=paper.pk, reason="正在核查")
        assert told() == ("suspended", "正在核查")
        operations.resume_paper(by=officer, at=noon, paper_id=paper.pk)
        assert told() == ("valid", "")
        operations.revoke_paper(by=officer, at=noon, paper_id=paper.pk, reason="材料不实")
        assert told() == ("revoked", "材料不实")
        with pytest.raises(operations.NotOpen):
            operations.revoke_paper(by=officer, at=noon, paper_id=paper.pk, reason="x")
        with pytest.raises(operations.NotSuspended):
            operations.resume_paper(by=officer, at=noon, paper_id=paper.pk)

    def test_a_revoked_file_is_whole_and_does_not_hold(self, issue, officer, noon):
        paper = issue()
        operations.revoke_paper(by=officer, at=noon, paper_id=paper.pk, reason="材料不实")
        verdict, found = queries.check_file(seen_by=ANYONE, content=content(paper), on=date(2026, 11, 18))
        assert verdict.passes
        assert not found.standing.holds

    def test_a_replaced_paper_names_its_successor(self, issue, officer, noon):
        paper = issue()
        fresh = operations.replace_paper(by=officer, at=noon, paper_id=paper.pk, reason="姓名更正", data={"facts": [["姓名", "王明"]]}, holder_name="王明")
        found = queries.check_code(seen_by=ANYONE, code=paper.code, on=date(2026, 11, 18))
        assert (found.standing.code, found.replaced_by) == ("replaced", fresh.number)
        assert (fresh.holder_key, fresh.holder_name, fresh.number) == ("71", "王明", "云溪证〔2026〕00002")
        with pytest.raises(operations.NotOpen):
            operations.replace_paper(by=officer, at=noon, paper_id=paper.pk, reason="再换", data={"facts": FACTS})

    def test_only_the_organ_that_issued_it_takes_it_back_and_nobody_their_own(self, issue, noon, town, organ):
        paper = issue()
        other = Actor(kind="person", person_id=90, user_id=9, duties=(Duty(organ_id=organ.pk + 1, role="department_officer"),))
        own = Actor(kind="person", person_id=71, user_id=8, duties=(Duty(organ_id=organ.pk, role="department_officer"),))
        for actor in (other, own, RESIDENT, ANYONE):
            with pytest.raises(NotAllowed):
                operations.revoke_paper(by=actor, at=noon, paper_id=paper.pk, reason="x")

    @pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
    def test_a_reason_is_asked_for(self, issue, officer, noon, reason):
        with pytest.raises(operations.ReasonMissing):
            operations.revoke_paper(by=officer, at=noon, paper_id=issue().pk, reason=reason)

    @pytest.mark.parametrize(
        ("on", "code"), [(date(2026, 11, 30), "early"), (date(2026, 12, 1), "valid"), (date(2026, 12, 31), "valid"), (date(2027, 1, 1), "expired")]
    )
    def test_its_days_are_counted_to_the_day(self, issue, on, code):
        assert issue(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 31)).standing(on).code == code


class TestWhoSees:
    def test_the_holder_and_the_organ_see_a_paper_and_its_file_and_nobody_else(self, issue, officer, organ):
        paper = issue()
        stranger = Actor(kind="person", person_id=99, user_id=99)
        steward = Actor(kind="person", person_id=98, user_id=98, duties=(Duty(organ_id=organ.pk, role="steward"),))
        for actor, sees in ((RESIDENT, True), (officer, True), (stranger, False), (steward, False), (ANYONE, False)):
            assert queries.papers(seen_by=actor).exists() is sees
            assert queries.papers_of(seen_by=actor, person_id=71).exists() is sees
            assert attachment_rules.may_see(actor, paper.attachment) is sees

    def test_a_module_opens_the_papers_of_what_is_its_own(self, issue):
        paper = issue(case_id=5)
        stranger = Actor(kind="person", person_id=99, user_id=99)
        added = scopes.register_scope(lambda actor: Q(case_id=5) if actor.person_id == 99 else Q(pk__in=[]))
        try:
            assert list(queries.papers_of_case(seen_by=stranger, case_id=5)) == [paper]
        finally:
            scopes.scopes.remove(added)


class TestPages:
    def test_number_and_code_lead_to_what_is_told(self, issue):
        paper = issue()
        client = Client()
        answer = client.post("/check/", {"what": "number", "number": "云溪证[2026]00001号", "code": paper.code.lower()})
        assert answer.headers["Location"] == paper.check_url
        told = client.get(paper.check_url).content.decode()
        assert paper.number in told
        assert "王㛃" not in told

    def test_a_wrong_pair_keeps_what_was_typed(self, issue):
        issue()
        answer = Client().post("/check/", {"what": "number", "number": "云溪证〔2026〕00001", "code": codes.written(codes.mint())})
        assert answer.status_code == 422
        assert "云溪证〔2026〕00001" in answer.content.decode()

    def test_an_unknown_code_is_told_plainly(self, town, media):
        assert Client().get("/check/AAAA-BBBB-CCCC/").status_code == 404
        assert Client().get("/check/%00/").status_code == 404

    def test_a_file_is_judged(self, issue):
        paper = issue()
        pdf = content(paper)
        for given, words_of in ((pdf, paper.number), (pdf + b" ", "签发后，有人")):
            answer = Client().post("/check/", {"what": "file", "file": BytesIO(given)})
            assert answer.status_code == 200
            assert words_of in answer.content.decode()

    def test_the_api_says_the_same(self, issue):
        paper = issue()
        client = Client()
        assert client.get(f"/api/v1/check/{paper.code_written}").json()["standing"] == "valid"
        assert client.post("/api/v1/check", {"number": paper.number, "code": paper.code}, content_type="application/json").json()["holder"] == "王*"
        told = client.post("/api/v1/check-file", {"file": BytesIO(content(paper) + b"x")}).json()
        assert (told["verdict"], told["passes"], told["paper"]["number"]) == ("appended", False, paper.number)
        assert client.get("/api/v1/check/AAAA-BBBB-CCCC").status_code == 404

    def test_the_root_certificate_is_given(self, issue):
        assert Client().get("/check/root.pem").status_code == 404
        issue()
        assert Client().get("/check/root.pem").content.startswith(b"-----BEGIN CERTIFICATE-----")


def test_codes_are_read_as_people_type_them():
    assert codes.plain(" k7qf－9m2x 4htb ") == "K7QF9M2X4HTB"
    assert codes.plain("K7QF-9M2X-4HT0") == ""
    assert codes.plain_number("云溪证【2026】 00012 号") == "云溪证〔2026〕00012"


def test_no_template_evaluates_or_reads():
    for file in sorts.LAYOUTS.rglob("*.typ"):
        text = "\n".join(line.partition("//")[0] for line in file.read_text(encoding="utf-8").splitlines())
        assert not re.search(r"\b(eval|read|csv|yaml|xml|plugin)\(|@preview|#include", text), file


@pytest.mark.parametrize("zone", [UTC, ZoneInfo("Asia/Shanghai")])
def test_a_paper_is_set_at_any_moment_of_a_second_in_any_zone(issue, noon, zone):
    assert content(issue(at=noon.astimezone(zone) + timedelta(microseconds=123_456))).startswith(b"%PDF")
