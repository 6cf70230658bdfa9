"""Limits slow whoever guesses, not the owner; a telephone is one however it is written; registering tells nothing of others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from gongzhi.foundation.people import hashing, operations, queries, sealing
from gongzhi.foundation.people.models import Attempt, Person, PhoneCode, User
from gongzhi.foundation.people.operations import _tries
from gongzhi.kernel.actors import ANYONE, Actor, system
from gongzhi.kernel.towns import in_town
from gongzhi.ledger.models import Entry

MAKER = system("tests")
PASSWORD, OTHER = "a-long-password-2026", "another-long-password-26"
HOME, ELSEWHERE = "198.51.100.1", "203.0.113.9"
GIVEN = {"phone": "139 1234 5678", "name": "李志强", "password": PASSWORD, "agreed": "on"}


@pytest.fixture
def user(town, noon):
    person = operations.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰", phone="138 0000 1234")
    return operations.give_login(by=MAKER, at=noon, person_id=person.pk, username="wang", password=PASSWORD)


def try_it(at, password=PASSWORD, username="wang", address=HOME, devices=()):
    return operations.try_password(by=ANYONE, at=at, username=username, password=password, address=address, devices=devices)


class TestTelephone:
    @pytest.mark.parametrize(
        ("written", "plain"),
        [(one, "13800001234") for one in (
            "13800001234", "+86 138-0000-1234", "+8613800001234", "008613800001234", "0086 138 0000 1234", "8613800001234", "86-138 0000 1234",
            "（+86）138 0000 1234", "＋８６１３８００００１２３４", "013800001234", "+86 0 138 0000 1234")]
        + [(one, "02886123456") for one in ("028-8612 3456", "+86 28 8612 3456", "+86 (0)28 8612 3456", "0086 28 86123456", "86 28 8612 3456")]
        + [("86123456", "86123456"), ("8612345", "8612345"), ("4001234567", "4001234567"), ("+86 400 123 4567", "4001234567"), ("12345", "12345"),
           ("+44 20 7946 0000", "442079460000"), ("0044 20 7946 0000", "442079460000"), ("", "")],
    )  # fmt: skip
    def test_is_one_however_it_is_written(self, written, plain):
        assert sealing.plain_phone(written) == plain
        assert sealing.plain_phone(plain) == plain

    @pytest.mark.parametrize("kept", ["13800001234", "8613800001234", "008613800001234"])
    def test_is_found_as_it_was_kept_before_there_was_one_form(self, user, noon, kept):
        Person.objects.filter(pk=user.person_id).update(phone_hash=hashing.keyed_hash(kept, "phone"), phone_proved_at=noon)
        User.objects.filter(pk=user.pk).update(username=f"phone-{hashing.keyed_hash(kept, 'log-in').hex()[:32]}")
        assert queries.person_by_phone(seen_by=MAKER, phone="+86 138 0000 1234").pk == user.person_id
        for written in ("13800001234", "+8613800001234", "8613800001234", "008613800001234"):
            assert try_it(noon, username=written).user == user

    def test_gets_as_many_codes_a_day_in_all_its_forms_as_in_one(self, town, noon):
        for place, phone in enumerate(("13800001234", "8613800001234", "008613800001234", "+8613800001234", "+86 138 0000 1234", "0086-13800001234")):
            person = operations.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰", phone=phone)
            asked = {"by": Actor(kind="person", person_id=person.pk), "at": noon + timedelta(minutes=place)}
            if place < 5:
                operations.ask_phone_code(**asked)
            else:
                with pytest.raises(operations.TooManyCodes):
                    operations.ask_phone_code(**asked)
        assert PhoneCode.objects.count() == 5


class TestRegistering:
    def test_answers_the_same_whether_a_number_has_a_log_in(self, town):
        owner, stranger, other = Client(), Client(), Client()
        assert owner.post("/register/", GIVEN).status_code == 302
        known = stranger.post("/register/", GIVEN | {"password": OTHER, "phone": "+86 139 1234 5678"})
        fresh = other.post("/register/", GIVEN | {"password": OTHER, "phone": "139 1234 9999"})
        assert (known.status_code, known.headers["Location"], known.content) == (fresh.status_code, fresh.headers["Location"], fresh.content)
        assert stranger.session["_auth_user_id"] != owner.session["_auth_user_id"]

    def test_leaves_the_owner_their_own_log_in(self, town, noon):
        mine = operations.register_resident(by=ANYONE, at=noon, phone="13912345678", name="李志强", password=PASSWORD)
        theirs = operations.register_resident(by=ANYONE, at=noon, phone="8613912345678", name="李", password=OTHER)
        assert theirs.person_id != mine.person_id
        assert try_it(noon, username="139 1234 5678").user == mine
        assert try_it(noon, OTHER, username="139 1234 5678").user == theirs
        later = noon + timedelta(days=1)
        assert operations.register_resident(by=ANYONE, at=later, phone="13912345678", name="李志强", password=PASSWORD) == mine

    def test_takes_a_number_twice_a_day_and_never_more_than_three(self, town, noon):
        def ask(at, password):
            return operations.register_resident(by=ANYONE, at=at, phone="13912345678", name="李", password=password)

        assert ask(noon, "one-long-password-26") != ask(noon, "two-long-password-26")
        almost = noon + timedelta(days=1) - timedelta(seconds=1)
        with pytest.raises(operations.TooManyRegistrations):
            ask(almost, "three-long-password-26")
        ask(noon + timedelta(days=1), "three-long-password-26")
        with pytest.raises(operations.TooManyRegistrations) as full:
            ask(noon + timedelta(days=3), "four-long-password-26")
        assert str(full.value) == str(operations.TooManyRegistrations())
        assert User.objects.count() == hashing.MOST_OF_NUMBER == 3

    def test_takes_so_many_a_day_from_one_address(self, town, noon):
        def ask(n, address=HOME):
            return operations.register_resident(by=ANYONE, at=noon, phone=f"1391234{n:04d}", name="李", password=PASSWORD, address=address)

        for n in range(20):
            ask(n)
        with pytest.raises(operations.TooManyRegistrations):
            ask(20)
        assert ask(20, ELSEWHERE) is not None


class TestSigningIn:
    def test_wrong_ones_from_elsewhere_stop_nobody_at_home(self, user, noon):
        for _try in range(5):
            wait = try_it(noon, "wrong", address=ELSEWHERE).wait_until
        assert wait == noon + timedelta(seconds=30)
        with pytest.raises(operations.MustWait):
            try_it(noon, address=ELSEWHERE)
        assert try_it(noon, address=HOME).user == user

    def test_wrong_ones_at_the_same_address_stop_no_device_that_came_in_before(self, user, noon):
        for _try in range(5):
            try_it(noon, "wrong")
        with pytest.raises(operations.MustWait):
            try_it(noon, devices=[(user.pk + 1, "d")])  # another's device
        assert try_it(noon, devices=[(user.pk, "d")]).user == user
        for _try in range(5):
            try_it(noon, "wrong", devices=[(user.pk, "d")])
        with pytest.raises(operations.MustWait):
            try_it(noon, devices=[(user.pk, "d")])

    def test_a_browser_keeps_that_somebody_came_in_on_it(self, user):
        mine, other = Client(), Client()
        assert mine.post("/sign-in/", {"username": "wang", "password": PASSWORD}).status_code == 302
        mine.post("/sign-out/")
        for _try in range(5):
            other.post("/sign-in/", {"username": "wang", "password": "wrong"})
        assert other.post("/sign-in/", {"username": "wang", "password": PASSWORD}).status_code == 422
        assert mine.post("/sign-in/", {"username": "wang", "password": PASSWORD}).status_code == 302
        other.cookies["known_device"] = mine.cookies["known_device"].value + "x"
        assert other.post("/sign-in/", {"username": "wang", "password": PASSWORD}).status_code == 422

    def test_an_address_that_changes_names_waits_and_one_that_came_in_before_does_not(self, user, noon):
        assert try_it(noon).user == user
        for n in range(30):
            wait = try_it(noon, "wrong", f"nobody-{n}").wait_until
            assert (wait is None) == (n < 29)
        with pytest.raises(operations.MustWait):
            try_it(noon, "wrong", "nobody-30")
        assert try_it(noon).user == user

    def test_a_name_tried_from_many_addresses_waits_a_minute_at_most_where_it_never_came_in(self, user, noon):
        assert try_it(noon).user == user
        at = noon
        for n in range(103):
            wait = try_it(at, "wrong", address=f"203.0.{n}.1").wait_until
            assert (wait is None) == (n < 99)
            at = wait or at
        assert wait - at <= timedelta(minutes=1)
        at -= timedelta(seconds=1)
        with pytest.raises(operations.MustWait):
            try_it(at, address="198.51.100.200")
        assert try_it(at).user == user

    def test_unlocking_forgets_what_failed_anywhere(self, user, noon):
        for _try in range(5):
            try_it(noon, "wrong")
        operations.unlock_login(by=MAKER, at=noon, user_id=user.pk)
        assert try_it(noon).user == user


class TestRows:
    def test_many_wrong_ones_at_once_make_few(self, committed_db, town, noon):
        person = operations.register_person(by=MAKER, at=noon, kind="resident", name="王秀兰")
        operations.give_login(by=MAKER, at=noon, person_id=person.pk, username="wang", password=PASSWORD)
        before = Entry.objects.count()

        def one(_n):
            try:
                with in_town(town.pk):
                    return try_it(noon, "wrong")
            except operations.MustWait:
                return None
            finally:
                connection.close()

        with ThreadPoolExecutor(10) as pool:
            tried = [found for found in pool.map(one, range(100)) if found is not None]
        assert len(tried) == _tries.FREE_TRIES
        assert Entry.objects.count() - before == _tries.FREE_TRIES
        assert Attempt.objects.count() == 3
