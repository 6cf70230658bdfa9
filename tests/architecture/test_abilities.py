"""Rules ask abilities, not names of roles; what is asked is declared, and what is declared is asked."""

import ast

import pytest

from gongzhi.foundation.organs.models import Role
from gongzhi.kernel import abilities
from gongzhi.kernel.actors import Actor, Duty
from tests.architecture.test_shapes import _files

ASK = {"can", "can_in"}


def _asked():
    """Yield (file, ability) of every question for an ability in the code."""
    for file, _parts in _files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASK:
                for one in node.args:
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield file, one.value


def test_every_ability_that_is_asked_for_is_declared_and_the_other_way_round():
    asked = {code for _file, code in _asked()}
    assert asked - set(abilities.known()) == set()
    assert set(abilities.known()) - asked == set(), "declared, and no rule asks for it"


@pytest.mark.parametrize("part", ["rules", "models", "queries", "operations", "subscribers", "tasks"])
def test_no_rule_reads_the_name_of_a_role(part):
    for file, parts in _files():
        if part in parts:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    told = ast.unparse(node)
                    assert node.attr != "serves_as", f"{file}:{node.lineno}: ask actor.can"
                    assert told not in ("actor.roles", "by.roles", "seen_by.roles"), f"{file}:{node.lineno}: ask actor.can"


def test_shipped_roles_are_roles_and_keep_what_no_town_may_change():
    for code, ability in abilities.known().items():
        assert set(ability.roles) <= set(Role.values), code
        assert not set(ability.roles) & set(ability.never), code
        assert all(ability.is_open_to(role) for role in ability.roles), code
    assert not abilities.shipped("auditor") & {"may_dispatch", "may_handle", "may_show_sealed", "may_give_posts"}
    assert abilities.shipped("resident") == {"may_read_internal_notes"}
    assert abilities.shipped("enterprise_contact") == {"may_speak_for_firm"}


def test_a_post_allows_what_its_town_gave_the_role_else_what_it_is_shipped_with():
    shipped = Actor(kind="person", person_id=1, duties=(Duty(organ_id=1, role="dispatcher", area_path="a.b"),))
    assert shipped.can("may_dispatch")
    assert shipped.can_in("a.b.c", "may_dispatch")
    assert not shipped.can_in("a.bc", "may_dispatch")
    assert not shipped.can("may_dispatch", organ_id=2)
    changed = Actor(kind="person", person_id=1, duties=(Duty(organ_id=1, role="dispatcher", abilities=frozenset({"may_use_desk"})),))
    assert changed.can("may_use_desk")
    assert not changed.can("may_dispatch")
