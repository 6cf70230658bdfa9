import pytest

from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.portal.middleware import towns


@pytest.fixture
def world(town, noon):
    """Return (town, station, device): COD at an outlet, limit 80 mg/L, at a Wednesday noon."""
    towns.forget()
    return make_station(noon)
