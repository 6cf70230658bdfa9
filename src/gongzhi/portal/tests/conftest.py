from functools import partial

import pytest
from django.utils import timezone

from gongzhi.kernel.towns import in_town
from gongzhi.management_line.reports.tests.factories import make_reporting_town
from gongzhi.management_line.sensing.tests.factories import browser_of
from gongzhi.portal.middleware import towns


@pytest.fixture
def made(town):
    """Return the made town at this moment: pages read the clock themselves."""
    towns.forget()
    return make_reporting_town(timezone.now().replace(microsecond=0))


@pytest.fixture
def enter(made):
    """Return a function that gives the browser of somebody of the made town, or of a stranger."""
    return partial(browser_of, made)


@pytest.fixture
def elsewhere(made, other_town):
    """Return a second town of the same shape, with one open case and one station."""
    from gongzhi.cases.tests.factories import MAKER
    from gongzhi.foundation.territory.tests.factories import middle
    from gongzhi.management_line.sensing import operations as sensing

    with in_town(other_town.pk):
        there = make_reporting_town(made.at)
        there.open(title="兰湾的井盖松动", text="兰湾的井盖松动")
        longitude, latitude = middle(1, 1)
        sensing.register_station(by=MAKER, at=made.at, code="lanwan", name="兰湾站", kind="air", longitude=longitude, latitude=latitude)
    return there
