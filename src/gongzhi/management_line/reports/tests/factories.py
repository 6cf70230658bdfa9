"""The made town of the engine's tests, with categories that people would report and the procedure of reports."""

from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image

from gongzhi.cases import operations as cases
from gongzhi.cases import procedure as procedures
from gongzhi.cases.tests.factories import MAKER, Made, make_town_with_list
from gongzhi.foundation.territory import operations as territory
from gongzhi.kernel import memory
from gongzhi.management_line.reports.kinds import REPORT

CODE = "H3-bin"


def make_reporting_town(at: datetime) -> Made:
    """Return the made town, ready for reports: bins, parking and smells by their Chinese names, one named place."""
    made = make_town_with_list(at)
    main = made.categories["bin"].parent_id
    for key, name, english, words, limit in (
        ("bin", "垃圾满溢", "Bin overflowing", "垃圾 垃圾桶", (1, "working_days")),
        ("parking", "机动车乱停放", "Bad parking", "违停 停车", (2, "working_days")),
        ("smell", "异味扰民", "Smell", "异味 臭味", (5, "working_days")),
    ):  # fmt: skip
        made.categories[key] = cases.define_category(
            by=MAKER, at=at, code=f"H3-{key}", name=name, name_en=english, life="home", parent_id=main, keywords=words, limit=limit, basis="《时限规定》第三条"
        )
    cases.adopt_procedure(by=MAKER, at=at, kind="report", definition=procedures.read(REPORT.procedure.read_text(encoding="utf-8")), reason="first")
    territory.define_place(by=MAKER, at=at, kind="street", name="文昌路", longitude=120.005, latitude=30.265, address="溪西社区")
    memory.forget()
    return made


def picture(colour: str = "green", *, gps: tuple[float, float] | None = None) -> bytes:
    """Return a small JPEG, with a camera's place in it where `gps` (longitude, latitude) is given."""
    image = Image.new("RGB", (640, 480), colour)
    out, tags = BytesIO(), Image.Exif()
    if gps is not None:
        tags[0x8825] = {1: "N", 2: _sexagesimal(gps[1]), 3: "E", 4: _sexagesimal(gps[0])}
    image.save(out, "JPEG", exif=tags)
    return out.getvalue()


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = (degrees - whole) * 60
    return float(whole), float(int(minutes)), round((minutes - int(minutes)) * 60, 4)


def finish(made: Made, case: Any, at: datetime) -> Any:
    """Handle, answer and check a case until it is closed."""
    cases.answer_case(by=made.by("officer"), at=at, case_id=case.pk, public_text="已清运")
    return cases.verify_case(by=made.by("walker"), at=at, case_id=case.pk, passed=True, text="现场已清洁")
