"""Every town-owned table has its policy; what has none is named here with the reason."""

import inspect

import pytest
from django.apps import apps
from django.db import connection

from gongzhi.foundation.territory.models import Town
from gongzhi.kernel.tables import TownOwned, policies
from gongzhi.kernel.towns import in_town

WITHOUT_TOWN = {
    "territory.Town": "names hosts, no people; a request must find its town before it is in one",
    "ledger.Entry": "names its town by number: the ledger has no foreign keys, and its own policy",
    "ledger.Leaf": "as ledger.Entry",
    "ledger.Tile": "as ledger.Entry",
    "ledger.Checkpoint": "as ledger.Entry",
    "sensing.DeviceAddress": "which town a device belongs to; a gateway takes packets of all towns on one port",
    "sensing.RegistryVersion": "a counter, read by the gateway before it works for the town",
}


UNSECURED = {"sensing.DeviceAddress", "sensing.RegistryVersion"}

# Every other table of the database has a policy.
OUTSIDE_THE_WALL = {
    "sensing_deviceaddress": WITHOUT_TOWN["sensing.DeviceAddress"],
    "sensing_registryversion": WITHOUT_TOWN["sensing.RegistryVersion"],
    "django_migrations": "which versions of tables there are",
    "django_content_type": "which tables there are",
    "auth_permission": "Django's own, empty of people: code asks rules, never these",
    "auth_group": "as auth_permission; no group is ever made",
    "auth_group_permissions": "as auth_permission",
    # one worker serves all towns, and must see what waits before it is in one; what stands there are numbers only (a test below)
    "procrastinate_jobs": "which task is to be done, with numbers of rows; rows are behind the wall",
    "procrastinate_events": "when a job began and ended",
    "procrastinate_periodic_defers": "when a periodic task was last put into the queue",
    "procrastinate_workers": "when a worker was last heard",
}


def _own_models():
    return [model for model in apps.get_models() if model.__module__.startswith("gongzhi.")]


@pytest.mark.django_db
def test_every_town_owned_table_has_a_policy():
    secured = policies(connection)
    for model in _own_models():
        if issubclass(model, TownOwned) or ("town_id" in {field.column for field in model._meta.fields} and model._meta.label not in UNSECURED):
            assert model._meta.db_table in secured, f"{model._meta.label} has no policy; end its migration with own_by_town"


def test_every_table_is_town_owned_or_says_why_not():
    loose = {model._meta.label for model in _own_models() if not issubclass(model, TownOwned)}
    assert loose <= set(WITHOUT_TOWN), loose - set(WITHOUT_TOWN)


def test_unique_constraints_begin_with_the_town():
    for model in _own_models():
        if not issubclass(model, TownOwned):
            continue
        for constraint in model._meta.constraints:
            fields = list(getattr(constraint, "fields", ()) or ())
            if type(constraint).__name__ == "UniqueConstraint" and fields and fields[0] != "town":
                parents = [model._meta.get_field(name) for name in fields]
                assert any(field.is_relation for field in parents), f"{model._meta.label}.{constraint.name} must begin with town"


@pytest.mark.django_db
def test_the_application_owns_nothing_and_cannot_truncate():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        name, superuser, bypasses = cursor.fetchone()
        assert name == "gongzhi_app"
        assert not superuser
        assert not bypasses
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user AND relkind IN ('r', 'p')")
        assert cursor.fetchone()[0] == 0
        cursor.execute("SELECT has_table_privilege('cases_case', 'TRUNCATE')")
        assert cursor.fetchone()[0] is False


@pytest.mark.django_db
def test_every_table_of_the_database_is_behind_the_wall_or_says_why_not():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace")
        tables = {row[0] for row in cursor.fetchall()}
    assert tables - policies(connection) <= set(OUTSIDE_THE_WALL), tables - policies(connection) - set(OUTSIDE_THE_WALL)
    assert not set(OUTSIDE_THE_WALL) & policies(connection)


def test_the_queue_holds_numbers_only():
    from procrastinate.contrib.django import app

    own = [task for task in app.tasks.values() if task.func.__module__.startswith("gongzhi.")]
    assert len(own) > 15
    for task in own:
        given = [one for name, one in inspect.signature(inspect.unwrap(task.func)).parameters.items() if name != "context"]
        assert all(one.annotation is int for one in given), f"{task.name} takes {given}: a task takes numbers of rows, never words"


def test_a_town_changes_its_own_row_only(town, other_town):
    assert Town.objects.count() == 2  # hosts are looked up before a request is in a town
    assert Town.objects.filter(pk=other_town.pk).update(name="x") == 0
    assert Town.objects.filter(pk=town.pk).update(name="云溪") == 1
    assert Town.objects.all().update(settings={"a": 1}) == 1
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM territory_town")
        assert cursor.rowcount == 0
    with in_town(other_town.pk):
        assert Town.objects.get(pk=other_town.pk).settings == {}


def test_a_session_of_one_town_is_none_in_another(town, other_town):
    from gongzhi.foundation.people.sessions import SessionStore

    store = SessionStore()
    store["draft"] = "门口的灯不亮"
    store.save()
    with in_town(other_town.pk):
        assert not SessionStore().exists(store.session_key)
        assert SessionStore(store.session_key).load() == {}
    assert SessionStore(store.session_key).load() == {"draft": "门口的灯不亮"}
