"""Every town-owned table has its policy; what has none is named here with the reason."""

import pytest
from django.apps import apps
from django.db import connection

from gongzhi.kernel.tables import TownOwned, policies

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
