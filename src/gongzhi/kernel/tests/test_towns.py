"""Row-level security as the application meets it, from raw SQL."""

import pytest
from django.db import connection, transaction

from gongzhi.foundation.people.models import Person
from gongzhi.kernel.towns import enter_town, in_town


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_person")
        return int(cursor.fetchone()[0])


class TestTownOfConnection:
    def test_shows_only_the_rows_of_the_present_town(self, town, other_town):
        Person.objects.create(town=town, public_name="王**")
        with in_town(other_town.pk):
            Person.objects.create(town=other_town, public_name="李**")
            assert _count() == 1
        assert _count() == 1
        enter_town(None)
        assert _count() == 0

    def test_refuses_a_row_of_the_other_town(self, town, other_town):
        from django.db import ProgrammingError

        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Person.objects.create(town=other_town, public_name="李**")
        assert _count() == 0

    def test_tells_the_connection_again_after_a_rollback(self, town, other_town):
        with in_town(other_town.pk):
            _count()
        with transaction.atomic():
            Person.objects.create(town=town, public_name="王**")
            transaction.set_rollback(True)
        assert _count() == 0
        Person.objects.create(town=town, public_name="王**")
        assert _count() == 1

    def test_works_under_a_role_that_owns_nothing(self, town):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user, rolbypassrls, rolsuper FROM pg_roles WHERE rolname = current_user")
            assert cursor.fetchone() == ("gongzhi_app", False, False)
            cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'gongzhi_app'::regrole")
            assert cursor.fetchone() == (0,)
