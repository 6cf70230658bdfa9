"""Filing a report, following another instead, training: what is done and what is refused."""

import pytest

from gongzhi.cases import codes
from gongzhi.cases import operations as cases
from gongzhi.cases import queries as case_queries
from gongzhi.foundation.attachments import operations as attachments
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.management_line.reports import operations, queries
from gongzhi.management_line.reports.tests.factories import finish, make_reporting_town, picture

KEY = "5b1d6a5c-6a55-4a51-9a59-1f4f9f7c0a11"


@pytest.fixture
def made(town, noon):
    return make_reporting_town(noon)


def file(made, **more):
    longitude, latitude = middle(0, 0)
    given = {"by": ANYONE, "at": made.at, "text": "文昌路垃圾桶满了两天，没人收。", "category_code": "H3-bin", "longitude": longitude, "latitude": latitude}
    return operations.file_report(**(given | more))


class TestFileReport:
    def test_lands_with_the_one_responsible_unit_in_its_grid_on_a_clock(self, made):
        case, _code = file(made)
        assert case.lead.code == "utilities"
        assert case.area == made.areas["w1"]
        assert case.state == "assigned"
        assert case.due_at > made.at
        assert case.title == "文昌路垃圾桶满了两天，没人收"
        assert case.number.startswith("云溪报〔2026〕")

    def test_gives_an_anonymous_raiser_a_code_of_which_only_the_hash_is_kept(self, made):
        case, code = file(made)
        party = case.parties.get()
        assert codes.plain(code)
        assert bytes(party.code_hash) == codes.digest(code)
        assert party.person_id is None
        assert code not in str(list(case.parties.values()))

    def test_gives_a_signed_in_raiser_no_code_and_their_name_on_the_case(self, made):
        case, code = file(made, by=made.by("resident"))
        assert code == ""
        assert case.raised_by_id == made.people["resident"].pk

    def test_makes_the_same_submission_one_case_with_one_code(self, made):
        first, second = file(made, submission_key=KEY), file(made, submission_key=KEY)
        assert first[0].pk == second[0].pk
        assert first[1] == second[1]
        assert case_queries.cases(seen_by=ANYONE, kind="report").count() == 1

    def test_refuses_a_key_that_was_used_for_other_words(self, made):
        file(made, submission_key=KEY)
        with pytest.raises(operations.KeyUsed):
            file(made, submission_key=KEY, text="另一件事")

    def test_refuses_a_short_key_of_somebody_unknown(self, made):
        with pytest.raises(operations.KeyTooShort):
            file(made, submission_key="1")

    def test_takes_a_report_outside_every_grid_and_says_so(self, made):
        case, _code = file(made, longitude=121.5, latitude=31.2)
        assert case.unlocated
        assert case.area is None

    def test_seals_the_contact_of_an_anonymous_raiser_and_lets_the_code_act_for_them(self, made):
        case, code = file(made, phone="138 0000 9999")
        held = case_queries.follow_by_code(seen_by=ANYONE, code=code)
        assert held.actor.person_id == case.raised_by_id
        assert b"13800009999" not in bytes(case.raised_by.phone_sealed)

    def test_hangs_the_photos_on_the_case(self, made):
        photo = attachments.add_attachment(by=ANYONE, at=made.at, content=picture(), name="近照.jpg")
        case, _code = file(made, photos=[photo.pk])
        assert queries.first_photo(seen_by=ANYONE, case=case).endswith("/thumb/")

    def test_keeps_whether_the_suggestion_was_taken(self, made):
        case, _code = file(made, suggested_code="H3-bin", confidence=0.9)
        assert queries.filing_of(seen_by=ANYONE, case_id=case.pk).taken

    def test_leaves_a_report_without_category_to_the_dispatcher(self, made):
        case, _code = file(made, category_code="")
        assert case.state == "opened"
        assert case.holder.code == "centre"

    @pytest.mark.parametrize(
        ("given", "refusal", "field"),
        [
            ({"text": "  "}, operations.NothingSaid, "text"),
            ({"category_code": "nonsense"}, operations.UnknownCategory, "category"),
            ({"phone": "call me"}, operations.BadPhone, "phone"),
            ({"photos": range(1, 9)}, operations.TooManyPhotos, "photos"),
            ({"longitude": 400.0}, cases.BadPlace, "place"),
        ],
    )
    def test_refuses_what_cannot_be_used_and_names_the_field(self, made, given, refusal, field):
        with pytest.raises(refusal) as caught:
            file(made, **given)
        assert caught.value.field == field
        assert case_queries.cases(seen_by=ANYONE, kind="report").count() == 0


class TestFollowByCode:
    def test_opens_the_case_however_the_code_is_typed(self, made):
        case, code = file(made)
        for typed in (code, code.lower(), code.replace("-", " "), f" {code.replace('-', '')} ", code.replace("-", "－")):
            assert case_queries.follow_by_code(seen_by=ANYONE, code=typed).case == case

    def test_asks_that_number_and_code_fit(self, made):
        case, code = file(made)
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code, number=case.number) is not None
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code, number=case.slug) is not None
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code, number="云溪报〔2026〕99999") is None

    def test_opens_nothing_for_a_wrong_code(self, made):
        file(made)
        assert case_queries.follow_by_code(seen_by=ANYONE, code=codes.mint()) is None
        assert case_queries.follow_by_code(seen_by=ANYONE, code="x") is None

    def test_leads_on_to_the_case_into_which_it_was_merged(self, made):
        into, _other = file(made)
        case, code = file(made, text="垃圾桶又满了")
        cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=case.pk, into_id=into.pk)
        assert case_queries.follow_by_code(seen_by=ANYONE, code=code).case == into

    def test_lets_two_anonymous_raisers_rate_each_for_themselves_and_no_follower(self, made):
        case, code = file(made)
        repeat, other = file(made, text="垃圾桶又满了")
        cases.merge_case(by=made.by("dispatcher"), at=made.at, case_id=repeat.pk, into_id=case.pk)
        _same, followed = operations.follow_instead(by=ANYONE, at=made.at, case_id=case.pk)
        finish(made, case, made.at)
        for given, level in ((code, 5), (other, 1)):
            held = case_queries.follow_by_code(seen_by=ANYONE, code=given)
            cases.rate_case(by=held.actor, at=made.at, case_id=case.pk, level=level, party_id=held.party_id)
        held = case_queries.follow_by_code(seen_by=ANYONE, code=followed)
        with pytest.raises(NotAllowed):
            cases.rate_case(by=held.actor, at=made.at, case_id=case.pk, level=1, party_id=held.party_id)
        assert sorted(rating.level for rating in case_queries.ratings(seen_by=ANYONE, case=case)) == [1, 5]


class TestFollowInstead:
    def test_adds_a_party_and_what_was_written(self, made):
        case, _code = file(made)
        followed, code = operations.follow_instead(by=ANYONE, at=made.at, case_id=case.pk, text="我也看到了", submission_key=KEY)
        assert followed == case
        assert case.parties.count() == 2
        assert any(step.public_text == "我也看到了" for step in case_queries.steps(seen_by=ANYONE, case=case))
        again = operations.follow_instead(by=ANYONE, at=made.at, case_id=case.pk, text="我也看到了", submission_key=KEY)
        assert again[1] == code
        assert case.parties.count() == 2


class TestSuggest:
    def test_knows_the_town_s_categories_from_the_first_day(self, made):
        found = queries.suggest(seen_by=ANYONE, text="菜场门口垃圾桶满了，苍蝇乱飞", at=made.at)
        assert found[0].category.code == "H3-bin"
        assert found[0].confidence > 0.5
        assert "垃圾桶" in found[0].because

    def test_says_nothing_about_a_text_that_says_nothing(self, made):
        assert queries.suggest(seen_by=ANYONE, text="你好", at=made.at) == []

    def test_refuses_to_learn_from_too_little(self, made):
        with pytest.raises(operations.CannotTrain):
            operations.train_suggestions(by=system("tests"), at=made.at)
