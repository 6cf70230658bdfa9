"""The demo town's feed: a maker's cloud with the water levels of two manholes and a noise meter, their last day behind them."""

import os
import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from gongzhi.kernel.actors import Actor
from gongzhi.management_line.feeds import operations, playing, queries
from gongzhi.management_line.feeds.book import Message
from gongzhi.management_line.feeds.running import BY
from gongzhi.management_line.sensing import operations as sensing

PORT = int(os.environ.get("GONGZHI_DEMO_BROKER_PORT", "18830"))
STATIONS = (
    ("well-wenchang", "文昌路窨井水位", "Manhole, Wenchang Road", "level", 120.0285, 30.2945, "level", "m"),
    ("well-hekou", "河口泵站窨井水位", "Manhole, Hekou pumping station", "level", 120.0238, 30.2642, "level", "m"),
    ("noise-school", "云溪小学噪声", "Noise, Yunxi primary school", "noise", 120.0195, 30.2908, "LA", "dB(A)"),
)
MAPPINGS = [
    {
        "topic": f"{playing.ROOT}/{{station}}/up", "time": "ts", "time_form": "ms",
        "values": [{"path": "data.lv", "factor": "level", "unit": "cm"}, {"path": "data.db", "factor": "LA", "unit": "dB(A)"}],
    }
]  # fmt: skip


def set_up(*, by: Actor, at: datetime, connected: datetime, organ_ids: Mapping[str, int]) -> None:
    """Register the stations and, when they were connected, the feed and what it brings."""
    for code, name, name_en, kind, longitude, latitude, factor, unit in STATIONS:
        station = sensing.register_station(
            by=by, at=at, code=code, name=name, name_en=name_en, kind=kind, longitude=longitude, latitude=latitude,
            organ_id=organ_ids.get("water" if kind == "level" else "ecology"),
        )  # fmt: skip
        sensing.define_series(by=by, at=connected, station_id=station.pk, factor=factor, unit=unit)
    feed = operations.define_feed(
        by=by, at=connected, code="iot-cloud", name="智慧窨井物联网平台", host="127.0.0.1", port=PORT, topic=f"{playing.ROOT}/+/up", username=playing.USER,
        password=playing.PASSWORD,
    )  # fmt: skip
    operations.keep_mappings(by=by, at=connected, feed_id=feed.pk, definitions=MAPPINGS)


def move(*, by: Actor, at: datetime, port: int) -> None:
    """Tell the feed that its broker listens on another port now."""
    feed = queries.feed_for(seen_by=BY, code="iot-cloud")
    if feed.port != port:
        operations.define_feed(by=by, at=at, code=feed.code, name=feed.name, host=feed.host, port=port, topic=feed.topic, username=feed.username)


HOURS = 30  # of the past that is played


def play_past(*, at: datetime, hours: int = HOURS, minutes: int = 1) -> int:
    """Take what the cloud would have sent in the last hours; returns how many messages."""
    feed = queries.feed_for(seen_by=BY, code="iot-cloud")
    book, chance = queries.book_of(seen_by=BY, feed_id=feed.pk), random.Random(5)  # noqa: S311 - a demo
    messages = []
    for step in range(hours * 60 // minutes, 0, -1):
        moment = at - timedelta(minutes=step * minutes)
        messages += [Message(*playing.message(device, moment.timestamp(), chance), moment) for device in playing.DEVICES]
    messages.append(Message(*playing.message(playing.STRANGER, at.timestamp() - 300, chance), at - timedelta(minutes=5)))
    operations.take_messages(by=BY, at=at, book=book, messages=messages)
    return len(messages)
