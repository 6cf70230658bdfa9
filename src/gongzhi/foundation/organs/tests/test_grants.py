"""Nobody gives power to themselves or above themselves; what is critical takes two people."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client

from gongzhi.foundation.notices import queries as notices
from gongzhi.foundation.organs import operations, queries
from gongzhi.foundation.organs.models import Post
from gongzhi.foundation.people import operations as people
from gongzhi.foundation.people import queries as people_queries
from gongzhi.kernel import abilities, memory
from gongzhi.kernel.actors import ANYONE, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.ledger import queries as ledger

MAKER = system("tests")
SINCE = date(2026, 1, 1)


class Town:
    """A town with people in posts, `actor(name)` and `browser(name)` of each."""

    def __init__(self, at):
        self.at, self.users = at, {}
        self.organ = operations.define_organ(by=MAKER, at=at, kind="committee", code="committee", name="管委会")

    def add(self, name, *roles):
        user, _password = people.employ(by=MAKER, at=self.at, username=name, name="某某", public_name=f"{name} 岗", must_use_second_factor=False)
        for role in roles:
            operations.give_post(by=MAKER, at=self.at, person_id=user.person_id, organ_id=self.organ.pk, role=role, starts_on=SINCE)
        self.users[name] = user
        return user

    def actor(self, name):
        return queries.actor_for_user(user=self.users[name], at=self.at)

    def browser(self, name):
        browser = Client()
        browser.force_login(self.users[name])
        return browser

    def post(self, **more):
        return {"at": self.at, "organ_id": self.organ.pk, "starts_on": SINCE} | more


@pytest.fixture
def place(town, noon):
    made = Town(noon)
    posts = {"ma": "committee_member", "lin": "committee_member", "chief": "administrator", "second": "administrator", "wang": "dispatcher"}
    for name, role in posts.items():
        made.add(name, role)
    made.add("new")
    return made


def told(place, name):
    return [str(one.title) for one in notices.notices(seen_by=place.actor(name))]


class TestPosts:
    @pytest.mark.parametrize("role", ["administrator", "committee_member", "dispatcher", "grid_worker"])
    def test_of_any_role_are_given_to_nobody_by_themselves(self, place, role):
        by = place.actor("ma")
        for act in (operations.give_post, operations.ask_post):
            with pytest.raises(people.NotForOneself):
                act(by=by, person_id=by.person_id, role=role, **place.post())
        assert Post.objects.filter(person_id=by.person_id).count() == 1

    @pytest.mark.parametrize("role", ["administrator", "committee_member"])
    def test_with_critical_abilities_take_two_and_neither_is_the_receiver(self, place, role):
        new = place.users["new"].person_id
        with pytest.raises(operations.TakesTwo):
            operations.give_post(by=place.actor("chief"), person_id=new, role=role, **place.post())
        asked = operations.ask_post(by=place.actor("chief"), person_id=new, role=role, **place.post())
        assert not Post.objects.filter(person_id=new).exists()
        with pytest.raises(people.NeedsAnother):
            people.confirm_joint_act(by=place.actor("chief"), at=place.at, request_id=asked.pk)
        with pytest.raises(NotAllowed):
            people.confirm_joint_act(by=place.actor("wang"), at=place.at, request_id=asked.pk)
        people.confirm_joint_act(by=place.actor("ma"), at=place.at, request_id=asked.pk)
        assert Post.objects.get(person_id=new).role == role
        kinds = [view.entry.kind for view in ledger.entries_for(seen_by=MAKER, subject=f"people.jointrequest:{asked.pk}")]
        assert kinds == ["JointActAsked", "JointActDecided"]
        assert {"Something waits for a second person", "A post was given"} <= set(told(place, "second"))
        with pytest.raises(people.JointOver):
            people.confirm_joint_act(by=place.actor("lin"), at=place.at, request_id=asked.pk)

    def test_above_both_are_given_by_neither(self, place):
        asked = operations.ask_post(by=place.actor("ma"), person_id=place.users["new"].person_id, role="administrator", **place.post())
        with pytest.raises(people.AboveBoth):
            people.confirm_joint_act(by=place.actor("lin"), at=place.at, request_id=asked.pk)
        people.confirm_joint_act(by=place.actor("chief"), at=place.at, request_id=asked.pk)

    def test_that_are_not_critical_take_one(self, place):
        post = operations.give_post(by=place.actor("ma"), person_id=place.users["new"].person_id, role="dispatcher", **place.post())
        assert post.pk
        assert "A post was given" in told(place, "chief")
        assert "A post was given" not in told(place, "ma")

    def test_wait_seven_days_for_the_second_person_and_no_longer(self, place):
        new = place.users["new"].person_id
        asked = operations.ask_post(by=place.actor("chief"), person_id=new, role="administrator", **place.post())
        late = place.at + timedelta(days=7)
        with pytest.raises(people.JointOver):
            people.confirm_joint_act(by=place.actor("ma"), at=late, request_id=asked.pk)
        people.confirm_joint_act(by=place.actor("ma"), at=late - timedelta(seconds=1), request_id=asked.pk)
        assert Post.objects.filter(person_id=new).exists()

    def test_asked_for_by_somebody_who_has_left_are_not_given(self, place):
        asked = operations.ask_post(by=place.actor("chief"), person_id=place.users["new"].person_id, role="administrator", **place.post())
        Post.objects.filter(person_id=place.users["chief"].person_id).update(ends_on=place.at.date())
        with pytest.raises(people.JointOver):
            people.confirm_joint_act(by=place.actor("second"), at=place.at, request_id=asked.pk)

    def test_that_ended_are_not_prolonged_by_ending_them_again(self, place):
        post = operations.give_post(by=MAKER, person_id=place.users["ma"].person_id, role="administrator", ends_on=place.at.date(), **place.post())
        with pytest.raises(operations.EndsEarlier):
            operations.end_post(by=place.actor("ma"), at=place.at, post_id=post.pk, ends_on=place.at.date() + timedelta(days=1))
        operations.end_post(by=place.actor("ma"), at=place.at, post_id=post.pk, ends_on=place.at.date())


class TestPasswords:
    @pytest.mark.parametrize("name", ["second", "ma"])
    @pytest.mark.parametrize("act", [people.reset_password, people.reset_second_factor])
    def test_of_those_with_critical_abilities_are_reset_by_nobody_alone(self, place, act, name):
        before = place.users[name].password
        with pytest.raises(people.TakesTwo):
            act(by=place.actor("chief"), at=place.at, user_id=place.users[name].pk)
        place.users[name].refresh_from_db()
        assert place.users[name].password == before

    def test_are_reset_by_two(self, place):
        target = place.users["ma"]
        asked = people.ask_joint_act(by=place.actor("chief"), at=place.at, act="reset_password", content={"user_id": target.pk}, concerns_id=target.person_id)
        with pytest.raises(NotAllowed):  # a committee member gives no log-ins
            people.confirm_joint_act(by=place.actor("lin"), at=place.at, request_id=asked.pk)
        _asked, (user, password) = people.confirm_joint_act(by=place.actor("second"), at=place.at, request_id=asked.pk)
        assert user.check_password(password)
        assert "A password was reset" in told(place, "chief")

    def test_of_others_are_reset_by_one_and_the_administrators_hear_of_it(self, place):
        people.reset_password(by=place.actor("chief"), at=place.at, user_id=place.users["wang"].pk)
        assert "A password was reset" in told(place, "second")


class TestRoles:
    def test_are_as_shipped_until_the_town_changes_them(self, place):
        assert queries.role_abilities(seen_by=ANYONE)["dispatcher"] == abilities.shipped("dispatcher")
        wanted = abilities.shipped("dispatcher") | {"may_register_devices"} - {"may_take_calls"}
        operations.change_role(by=place.actor("ma"), at=place.at, role="dispatcher", wanted=(abilities.shipped("dispatcher") | wanted) - {"may_take_calls"})
        by = place.actor("wang")
        assert by.can("may_register_devices")
        assert not by.can("may_take_calls")
        assert "What a role may do was changed" in told(place, "chief")

    def test_are_changed_by_nobody_who_holds_them(self, place):
        for act in (operations.change_role, operations.ask_role):
            with pytest.raises(operations.OwnRole):
                act(by=place.actor("ma"), at=place.at, role="committee_member", wanted=abilities.shipped("committee_member"))

    def test_keep_what_the_house_forbids(self, place):
        by = place.actor("ma")
        for role, code in (("auditor", "may_dispatch"), ("auditor", "may_show_sealed"), ("supervisor", "may_handle"), ("resident", "may_use_desk"),
                           ("enterprise_contact", "may_see_devices")):  # fmt: skip
            with pytest.raises(operations.NotForThisRole):
                operations.change_role(by=by, at=place.at, role=role, wanted=abilities.shipped(role) | {code})
        with pytest.raises(operations.NoSuchAbility):
            operations.change_role(by=by, at=place.at, role="auditor", wanted={"may_fly"})

    def test_take_two_people_for_what_is_critical_and_nobody_gives_what_they_lack(self, place):
        wanted = abilities.shipped("dispatcher") | {"may_give_logins"}
        with pytest.raises(operations.TakesTwo):
            operations.change_role(by=place.actor("ma"), at=place.at, role="dispatcher", wanted=wanted)
        asked = operations.ask_role(by=place.actor("ma"), at=place.at, role="dispatcher", wanted=wanted)
        with pytest.raises(people.AboveBoth):
            people.confirm_joint_act(by=place.actor("lin"), at=place.at, request_id=asked.pk)
        assert not place.actor("wang").can("may_give_logins")
        people.confirm_joint_act(by=place.actor("chief"), at=place.at, request_id=asked.pk)
        assert place.actor("wang").can("may_give_logins")

    def test_leave_no_critical_ability_without_a_role(self, place):
        wanted = abilities.shipped("administrator") - {"may_give_logins"}
        with pytest.raises(operations.LastRole):
            operations.ask_role(by=place.actor("ma"), at=place.at, role="administrator", wanted=wanted)


class TestFaces:
    def test_a_post_goes_by_two_browsers(self, place):
        form = {"person": str(place.users["new"].person_id), "organ": str(place.organ.pk), "role": "administrator", "starts_on": "2026-01-01"}
        first, second = place.browser("chief"), place.browser("ma")
        assert first.post("/administration/posts/new/", form).status_code == 302
        page = second.get("/administration/joint/").content.decode()
        assert "以第二人身份确认" in page
        assert "以第二人身份确认" not in first.get("/administration/joint/").content.decode()
        waiting = people_queries.joint_requests(seen_by=place.actor("ma"), at=place.at)
        assert second.post("/administration/joint/", {"request": str(waiting[0].pk), "decision": "confirm"}).status_code == 302
        assert Post.objects.filter(person_id=place.users["new"].person_id, role="administrator").exists()

    def test_a_role_goes_over_the_page_and_the_api(self, place):
        memory.forget()
        browser = place.browser("ma")
        assert browser.get("/administration/roles/").status_code == 200
        present = sorted(abilities.shipped("steward"))
        assert browser.get("/administration/roles/steward/").status_code == 200
        assert browser.post("/administration/roles/steward/", {"abilities": [*present, "may_see_devices"]}).status_code == 302
        assert "may_see_devices" in queries.role_abilities(seen_by=ANYONE)["steward"]
        answer = browser.get("/api/v1/roles").json()
        assert next(one for one in answer if one["role"] == "steward")["is_changed"]
        body = json.dumps({"abilities": [*present, "may_give_posts"]})
        answer = browser.put("/api/v1/roles/steward", body, content_type="application/json")
        assert answer.status_code == 202
        assert "may_give_posts" not in queries.role_abilities(seen_by=ANYONE)["steward"]
        assert browser.get("/api/v1/abilities").status_code == 200
