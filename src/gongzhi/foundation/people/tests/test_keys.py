"""A field key is added and the old one taken away: nothing is lost, whatever is cut off on the way."""

import base64
import hashlib
import hmac
import json
import re
import signal
import subprocess
import sys
from datetime import timedelta

import pyotp
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi.cases import queries as case_queries
from gongzhi.foundation.people import hashing, operations, queries, resealing, rotation, sealing, tasks
from gongzhi.foundation.people.models import ApiToken, HashKey, Person, User
from gongzhi.kernel import memory
from gongzhi.kernel.actors import ANYONE, CLOCK, Actor, system
from gongzhi.kernel.operation import NotAllowed
from gongzhi.kernel.towns import in_town
from gongzhi.management_line.reports import operations as reports
from gongzhi.management_line.reports.tests.factories import make_reporting_town
from gongzhi.management_line.sensing.models import Device
from gongzhi.management_line.sensing.tests.factories import make_station, process_environment

MAKER = system("tests")
PASSWORD = "a-long-password-2026"
PHONE = "136 0000 1234"
K1, K2, K3 = (base64.urlsafe_b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))


def use(settings, *keys):
    """Start anew under these field keys."""
    settings.FIELD_KEY = ",".join(keys)
    memory.forget()


def states():
    memory.forget()
    return {state.name: state for state in queries.key_states(seen_by=CLOCK)}


def name(key):
    return sealing.key_name(base64.urlsafe_b64decode(key))


@pytest.fixture
def lived(town, noon, settings):
    """Live in the town under the first key: a log-in by telephone with a second factor and a token, and a report by code."""
    use(settings, K1)
    make_reporting_town(noon)
    user = operations.register_resident(by=ANYONE, at=noon, phone=PHONE, name="王秀兰", password=PASSWORD)
    me = Actor(kind="person", person_id=user.person_id, user_id=user.pk)
    secret = operations.begin_second_factor(by=me, at=noon, user_id=user.pk)
    codes = operations.confirm_second_factor(by=me, at=noon, user_id=user.pk, code=pyotp.TOTP(secret).at(noon))
    _token, text = operations.issue_token(by=me, at=noon, title="程序", scopes=["cases:read"])
    case, code = reports.file_report(by=ANYONE, at=noon, text="垃圾桶满了", submission_key="0123456789abcdef0123")
    return {"user": user, "secret": secret, "codes": codes, "token": text, "case": case, "code": code}


def everything_holds(lived, at, recovery):
    """Find and open all that was given under the first key."""
    assert operations.try_password(by=ANYONE, at=at, username=PHONE, password=PASSWORD, address="10.0.0.1").user == lived["user"]
    code = pyotp.TOTP(lived["secret"]).at(at)
    assert operations.try_second_factor(by=ANYONE, at=at, user_id=lived["user"].pk, code=code, address="10.0.0.1").user == lived["user"]
    recovered = operations.try_second_factor(by=ANYONE, at=at, user_id=lived["user"].pk, code=lived["codes"][recovery], address="10.0.0.1")
    assert recovered.user == lived["user"]
    assert queries.token_for(seen_by=ANYONE, presented=lived["token"], at=at) is not None
    assert case_queries.follow_by_code(seen_by=ANYONE, code=lived["code"]).case == lived["case"]
    person = Person.objects.get(pk=lived["user"].person_id)
    assert sealing.unseal(person.name_sealed, "name") == "王秀兰"
    assert Person.objects.filter(phone_hash__in=hashing.keyed_hashes("13600001234", "phone")).get() == person


class TestRotation:
    def test_keeps_everything_usable_through_two_changes(self, lived, noon, settings):
        everything_holds(lived, noon + timedelta(minutes=2), 0)
        for step, (new, old) in enumerate(((K2, K1), (K3, K2)), start=1):
            use(settings, new, old)
            everything_holds(lived, noon + timedelta(minutes=10 * step), 2 * step - 1)
            assert not states()[name(old)].may_be_taken_away
            done = rotation.run(by=CLOCK, at=noon, most=2)
            assert done.is_whole
            assert done.unopened == ()
            assert states()[name(old)].may_be_taken_away
            use(settings, new)
            everything_holds(lived, noon + timedelta(minutes=10 * step + 5), 2 * step)
        assert set(states()) == {name(K3)}

    def test_makes_hashes_anew_where_the_text_is_at_hand(self, lived, noon, settings):
        before = Person.objects.get(pk=lived["user"].person_id), User.objects.get(pk=lived["user"].pk).username
        use(settings, K2, K1)
        rotation.run(by=CLOCK, at=noon)
        after = Person.objects.get(pk=lived["user"].person_id), User.objects.get(pk=lived["user"].pk).username
        assert bytes(after[0].phone_hash) == hashing.keyed_hash("13600001234", "phone") != bytes(before[0].phone_hash)
        assert after[1] == hashing.login_name(PHONE) != before[1]

    def test_shows_the_code_that_was_given_when_a_report_is_sent_twice_across_a_change(self, lived, noon, settings):
        use(settings, K2, K1)
        _case, code = reports.file_report(by=ANYONE, at=noon, text="垃圾桶满了", submission_key="0123456789abcdef0123")
        assert code == lived["code"]

    def test_leaves_the_old_key_needed_when_it_was_only_added(self, lived, settings):
        use(settings, K2, K1)
        assert states()[name(K1)].values > 0
        use(settings, K2)  # taken away too early: nothing pretends to be well
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(Person.objects.get(pk=lived["user"].person_id).name_sealed, "name")
        assert not states()[name(K1)].is_known

    def test_names_what_no_key_opens_and_leaves_it(self, lived, noon, settings):
        use(settings, K3)
        lost = operations.register_person(by=MAKER, at=noon, kind="resident", name="李", phone="13900000000")
        use(settings, K2, K1)
        done = rotation.run(by=CLOCK, at=noon, most=1)
        assert done.unopened == (("people.Person", lost.pk),)
        assert states()[name(K1)].may_be_taken_away
        use(settings, K2, K3)
        assert sealing.unseal(Person.objects.get(pk=lost.pk).name_sealed, "name") == "李"

    def test_reaches_the_sealed_columns_of_every_module(self, town, noon, settings):
        use(settings, K1)
        made = make_station(noon)
        use(settings, K2, K1)
        rotation.run(by=CLOCK, at=noon)
        use(settings, K2)
        assert {model._meta.label for model in resealing.tables()} >= {
            "people.Person", "people.SecondFactor", "people.HashKey", "sensing.Device", "feeds.Feed",
        }  # fmt: skip
        for device in Device.objects.all():
            assert sealing.unseal_text(device.sealed_password, "device")
        assert made

    def test_is_asked_of_the_product_only_and_for_each_town_alone(self, lived, other_town, noon, settings):
        with pytest.raises(NotAllowed):
            operations.reseal_batch(by=ANYONE, at=noon, model_label="people.Person")
        with pytest.raises(LookupError):
            operations.reseal_batch(by=CLOCK, at=noon, model_label="cases.Case")
        use(settings, K2, K1)
        with in_town(other_town.pk):
            assert rotation.run(by=CLOCK, at=noon).resealed == 0
            assert HashKey.objects.count() == 2
        assert not states()[name(K1)].may_be_taken_away


class TestColumns:
    def test_that_are_sealed_are_named_by_their_model(self):
        from django.apps import apps

        for model in apps.get_models():
            kept = [field for field in model._meta.concrete_fields if field.get_internal_type() in ("BinaryField", "TextField")]
            columns = {field.column for field in kept if re.search(r"(^|_)sealed(_|$)", field.column)}
            assert columns <= set(getattr(model, "SEALED", {})), model

    @settings(max_examples=60, deadline=None)
    @given(text=st.text(min_size=1, max_size=60), field=st.sampled_from(["name", "phone", "totp"]))
    def test_open_to_what_was_sealed_with_and_without_a_head(self, text, field):
        text = text.encode("utf-8", "ignore").decode()
        sealed = sealing.seal(text, field)
        assert sealing.unseal(sealed, field) == text
        assert sealing.unseal(sealed[sealing.HEAD :] if text else b"", field) == text
        assert sealing.unseal_text(sealing.seal_text(text, field), field) == text


class TestTownFromBefore:
    """A town whose hashes were made under the bare key, and its follow codes under the setting as it stood."""

    @pytest.fixture
    def old(self, lived, noon, settings):
        raw = base64.urlsafe_b64decode(K1)
        user = lived["user"]
        under = lambda key, told: hmac.new(key, told.encode(), hashlib.sha256).digest()  # noqa: E731
        Person.objects.filter(pk=user.person_id).update(phone_hash=under(raw, "phone:13600001234"))
        User.objects.filter(pk=user.pk).update(username=f"phone-{under(raw, 'log-in:13600001234').hex()[:32]}")
        ApiToken.objects.update(token_hash=under(raw, f"token:{lived['token']}"))
        with connection.cursor() as cursor:
            plain = lived["code"].replace("-", "")
            cursor.execute("UPDATE cases_party SET code_hash = %s WHERE code_hash IS NOT NULL", [under(K1.encode(), f"follow-code:{plain}")])
            cursor.execute("UPDATE people_person SET name_sealed = substring(name_sealed FROM 7), phone_sealed = substring(phone_sealed FROM 7)")
        HashKey.objects.create(town_id=user.town_id, name="before", made_at=noon)
        memory.forget()
        return lived

    def test_goes_on_as_it_is_and_through_a_change(self, old, noon, settings):
        everything_holds(old, noon + timedelta(minutes=2), 0)
        use(settings, K2, K1)
        everything_holds(old, noon + timedelta(minutes=10), 1)
        assert not states()[name(K1)].may_be_taken_away
        rotation.run(by=CLOCK, at=noon, most=1)
        assert states()[name(K1)].may_be_taken_away
        use(settings, K2)
        everything_holds(old, noon + timedelta(minutes=20), 2)

    def test_finds_nothing_more_when_it_is_a_new_town(self, old, settings):
        HashKey.objects.filter(name="before").delete()
        memory.forget()
        assert case_queries.follow_by_code(seen_by=ANYONE, code=old["code"]) is None


class TestNight:
    def test_seals_anew_in_every_town_and_is_idle_afterwards(self, lived, noon, settings):
        assert tasks.reseal(timestamp=0) == 0
        use(settings, K2, K1)
        assert tasks.reseal(timestamp=0) > 0
        memory.forget()
        assert tasks.reseal(timestamp=0) == 0


@pytest.mark.fault
class TestCommand:
    def _start(self, *arguments, keys):
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "django", "reseal", *arguments], env=process_environment() | {"GONGZHI_FIELD_KEY": ",".join(keys)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def test_that_is_killed_goes_on_where_it_was_cut_off(self, committed_db, town, noon, settings):
        use(settings, K1)
        for number in range(60):
            operations.register_person(by=MAKER, at=noon, kind="resident", name=f"居民{number}", phone=f"1380000{number:04d}")
        killed = self._start("--batch", "5", keys=[K2, K1])
        for _line in range(3):
            assert re.match(r"yunxi: people\.\w+: \d+", killed.stdout.readline())
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        use(settings, K2, K1)
        under = {state.name: state.values for state in queries.key_states(seen_by=CLOCK)}
        assert under[name(K2)] > 0
        assert under[name(K1)] > 0  # it was in the middle
        checked = self._start("--check", "--json", keys=[K2, K1])
        told = [json.loads(line) for line in checked.communicate()[0].splitlines()]
        assert checked.returncode == 1
        assert [one["may_be_taken_away"] for one in told] == [False, False]
        again = self._start(keys=[K2, K1])
        out, err = again.communicate()
        assert again.returncode == 0, err
        assert f"key {name(K1)} may be taken away" in out
        use(settings, K2)
        opened = {sealing.unseal(person.name_sealed, "name") for person in Person.objects.all()}
        assert opened == {f"居民{number}" for number in range(60)}
        assert all(queries.person_by_phone(seen_by=CLOCK, phone=f"1380000{number:04d}") for number in (0, 31, 59))
        assert self._start("--check", keys=[K2]).wait() == 0
