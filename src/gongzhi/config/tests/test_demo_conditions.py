"""The criteria of the demo towns: adopted, and each divides those it speaks of."""

from gongzhi.config.demo import conditions
from gongzhi.foundation.criteria import queries
from gongzhi.foundation.territory import queries as territory
from gongzhi.kernel.actors import ANYONE, system


def test_conditions_are_adopted_and_meet_some_and_not_others(town, noon):
    conditions.load(by=system("demo"), at=noon)
    day = territory.day_of(seen_by=ANYONE, at=noon)
    found = {one.code: queries.version_on(seen_by=ANYONE, criterion=one, on=day) for one in queries.criteria(seen_by=ANYONE)}
    assert found.keys() == {code for code, *_rest in conditions.CRITERIA}
    for code, version in found.items():
        told = version.tried
        assert told["no"] > 0, code
        assert told["yes"] > 0 or (code == "small-firm" and told["unknown"] > 0), code  # its taxes are for the firm to confirm
