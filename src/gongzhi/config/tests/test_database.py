import pytest
from django.db import connection

from gongzhi.config import database
from gongzhi.management_line.sensing.models import Device, Hour

pytestmark = pytest.mark.django_db


class TestLackingColumns:
    def test_finds_nothing_in_a_database_that_has_had_every_migration(self):
        assert database.lacking_columns(connection) == []

    def test_names_the_tables_and_columns_that_no_migration_has_brought(self, monkeypatch):
        monkeypatch.setattr(Hour._meta, "db_table", "sensing_hour_of_day")
        monkeypatch.setattr(Device._meta.get_field("clock_skew"), "column", "skew")
        assert database.lacking_columns(connection) == ["sensing_device.skew", "sensing_hour_of_day"]
