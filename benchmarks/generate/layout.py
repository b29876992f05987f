"""The file's columns, its vocabulary, and its rules: the specification that every program of the benchmark shares."""

from __future__ import annotations

import datetime as dt

COLUMNS = {
    "采集时间": "time",
    "设备编号": "device",
    "行政区划代码": "region",
    "道路名称": "road",
    "车道号": "lane",
    "车流量": "flow",
    "平均速度": "speed",
    "速度单位": "unit",
    "占有率": "occupancy",
    "车型": "vehicle",
    "经度": "longitude",
    "纬度": "latitude",
    "运营单位统一社会信用代码": "operator",
    "备注": "remark",
}
"""Header → short name, in the file's order."""
INTEGERS = ("lane", "flow")
DECIMALS = ("speed", "occupancy", "longitude", "latitude")

FIRST_DAY = dt.date(2024, 6, 3)
UTC_OFFSET_HOURS = 8
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"

REGIONS = (
    "330102", "330105", "330106", "330108", "330109", "330110",
    "330111", "330112", "330113", "330114", "330122", "330182",
)  # fmt: skip
VEHICLES = {"小型客车": "K3", "大型客车": "K1", "轻型货车": "H3", "重型货车": "H1", "摩托车": "M", "其他车辆": "X"}
DEVICE_PATTERN = r"^JT[0-9]{10}$"
LANE, FLOW, SPEED_KMH, OCCUPANCY_PCT = (1, 8), (0, 5000), (0, 200), (0, 100)
BOX = {"longitude": (118.34, 120.72), "latitude": (29.18, 30.57)}

FAULTS = (
    "time_missing", "time_unreadable", "device_missing", "device_pattern", "region_unknown", "lane_range",
    "flow_missing", "flow_range", "speed_range", "occupancy_range", "vehicle_unknown", "outside_box", "operator_check",
)  # fmt: skip
"""The faults of one row. There are twelve rules: a missing and an unreadable time break the same one."""
REPEATED = "key_repeated"
"""(device, lane, time) occurs in an earlier good row."""
