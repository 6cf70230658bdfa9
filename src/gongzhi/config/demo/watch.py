"""What the demo town watches for beside its limits: rules of every cause, forecasts of what has two months behind it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gongzhi.kernel.actors import CLOCK, Actor
from gongzhi.management_line.sensing import operations as sensing
from gongzhi.management_line.warnings import looking, operations, queries

# (cause, title, category, what it watches)
RULES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("silence", "监测设备失联", "E105", {"threshold": 30.0, "repeats": 3, "clause": "HJ 212-2017 在线要求；镇运维合同 3.1"}),
    ("rate", "废水 COD 骤升", "E103", {
        "station_kind": "waste_water", "factor": "w01018", "threshold": 40.0, "window_minutes": 30, "direction": "up", "clause": "企业排口监管办法 5.2"}),
    ("frozen", "废水 COD 数值冻结", "E105", {"station_kind": "waste_water", "factor": "w01018", "threshold": 60.0, "repeats": 30, "clause": "镇运维合同 3.4"}),
    ("neighbours", "空气站 PM2.5 不一致", "E105", {
        "station_kind": "air", "factor": "a34004", "aggregate": "hour.avg", "threshold": 6.0, "tolerance": 25.0, "count": 2, "clause": "镇运维合同 3.5"}),
    ("neighbours", "上下游氨氮不一致", "E102", {
        "station_kind": "surface_water", "factor": "w21003", "threshold": 8.0, "tolerance": 0.3, "count": 2, "clause": "河长制巡查办法 第 9 条"}),
    ("forecast", "PM2.5 预测超过 75 μg/m³", "E203", {
        "station_kind": "air", "factor": "a34004", "aggregate": "hour.avg", "threshold": 75.0, "horizon_hours": 12, "severity": 1,
        "clause": "HJ 633-2012 轻度污染提示"}),
    ("forecast", "河道氨氮预测超限", "E102", {
        "station_kind": "surface_water", "factor": "w21003", "aggregate": "hour.avg", "threshold": 1.0, "horizon_hours": 12, "clause": "GB 3838-2002 Ⅲ类"}),
)  # fmt: skip


def watch(*, by: Actor, at: datetime, begins_at: datetime, category_ids: Mapping[str, int]) -> None:
    """Set the rules, make the forecasts, and judge once, so that what is wrong at the start is there at the start."""
    for cause, title, category, more in RULES:
        operations.set_rule(by=by, at=begins_at, cause=cause, title=title, category_id=category_ids[category], valid_from=begins_at.date(), **more)
    for series_id, (limit, horizon) in queries.to_train(seen_by=CLOCK, at=at, older_than=queries.HOUR).items():
        operations.train(by=CLOCK, at=at, series_id=series_id, limit=limit, horizon_hours=horizon)
    for hourly in (False, True):
        for rule in queries.rules_in_force(seen_by=CLOCK, at=at, hourly=hourly):
            found = looking.look(rule, at)
            if found:
                sensing.follow_warnings(by=CLOCK, at=at, judged=found)
