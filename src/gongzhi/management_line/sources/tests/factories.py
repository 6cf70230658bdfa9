"""A firm with an outlet under a permit, in a made town whose outlet station measures COD and flow."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gongzhi.cases.tests.factories import MAKER, Made
from gongzhi.foundation.territory.tests.factories import middle
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.sensing.tests.factories import make_station
from gongzhi.management_line.sources import operations
from gongzhi.management_line.sources.operations import LimitLine

NUMBER = "91330110MA2TEST01X001P"


@dataclass
class Kit:
    """What a test may need."""

    made: Made
    station: Any
    device: Any
    source: Any
    outlet: Any
    permit: Any

    def by(self, who: str) -> Any:
        return self.made.by(who)


def cod(**more: Any) -> LimitLine:
    """Return a limit line for COD at DW001: 80 mg/L, 20 t a year."""
    given: dict[str, Any] = {
        "outlet": "DW001",
        "factor": "w01018",
        "concentration": 80.0,
        "unit": "mg/L",
        "year_amount": Decimal(20),
        "standard": "GB 4287-2012 表 2",
    }
    return LimitLine(**given | more)


def make_source(at: Any) -> Kit:
    """Return a firm's source with DW001, which the station measures, and a permit for this year and four more."""
    made, station, device = make_station(at)
    early = at - timedelta(days=90)
    longitude, latitude = middle(0, 0)
    source = operations.register_source(
        by=MAKER, at=early, code="dyeing", name="云溪染整", organ_id=made.organs["firm"].pk, industry_code="1713", industry="棉印染精加工", level="key",
        longitude=longitude, latitude=latitude,
    )  # fmt: skip
    outlet = operations.register_outlet(
        by=MAKER, at=early, source_id=source.pk, code="DW001", name="废水总排口", longitude=longitude, latitude=latitude, station_id=station.pk
    )
    permit = operations.enter_permit(
        by=MAKER,
        at=early,
        source_id=source.pk,
        number=NUMBER,
        valid_from=date(at.year, 1, 1),
        valid_to=date(at.year + 4, 12, 31),
        issued_by="杭州市生态环境局",
        limits=[cod()],
    )
    return Kit(made, station, device, source, outlet, permit)


def river(at: Any, code: str, below: Any = None, hours: float | None = None, kind: str = "surface_water", east: float = 0.0) -> Any:
    """Return a station of water, which flows to another one."""
    longitude, latitude = middle(0, 0)
    return sensing.register_station(
        by=MAKER, at=at - timedelta(days=90), code=code, name=code, kind=kind, longitude=longitude + east, latitude=latitude,
        flows_to_id=below.pk if below else None, flow_hours=hours,
    )  # fmt: skip
