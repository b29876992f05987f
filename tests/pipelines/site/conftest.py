"""A small lake with everything that the pages must show: late, held, refused, never come, and one mart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from citylake.pipelines.site import Site
from citylake.pipelines.site.site_caches import AnswerCache
from tests.declared import declare_packs
from tests.trial import Trial

SECRET = "11010519491231002Y"
COUNTS = """
dataset: traffic.counts
title: {zh: "断面<b>流量", en: "traffic <b>counts"}
owner: {department: 市交通运输局, steward: traffic@example.org}
source: {connector: files, path: "${COUNTS}/*.csv", format: csv}
schedule: {cron: "30 1 * * *"}
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai, label: start, required: true}
  device: {element: traffic.device_code, required: true}
  flow: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {rows: {min: 2}, freshness: 26h}
"""
PEOPLE = """
dataset: person.register
title: {zh: 人员名册, en: register of persons}
owner: {department: 市公安局}
source: {connector: files, path: "${PEOPLE}/*.csv", format: csv}
fields:
  id: {element: person.id_number, required: true}
write: {mode: append}
"""
GAUGE = """
dataset: water.gauge
title: {zh: 水位, en: water level}
owner: {department: 市水务局}
source: {connector: files, path: "${PEOPLE}/none.csv", format: csv}
fields: {t: {element: time.observed_at, format: epoch_s}}
write: {mode: append}
"""
MART = """
mart: counts
title: {zh: 日流量, en: counts by day}
audience: {zh: 分析人员, en: analysts}
tables:
  device_day:
    title: {zh: 各断面每日流量, en: flow by device and day}
    grain: [device_code, day]
    day: day
    columns:
      device_code: {element: traffic.device_code}
      day: {element: time.day}
      flow_veh: {element: traffic.flow}
questions:
  - id: vehicles
    text: {zh: 共有多少辆, en: how many vehicles}
    sql: SELECT sum(flow_veh)::BIGINT AS flow_veh FROM device_day
  - id: mean
    text: {zh: 平均每日多少辆, en: how many vehicles a day on average}
    sql: SELECT 12.5::DOUBLE AS flow_veh FROM device_day LIMIT 1
"""
SELECT = "SELECT device_code, _day AS day, sum(flow_veh) AS flow_veh FROM traffic.counts GROUP BY device_code, _day"
FIRST = "time,device,flow\n2026-03-01 07:00,D1,10\n2026-03-01 08:00,D1,20\n2026-03-02 07:00,D1,<i>x\n"
SHORT = "time,device,flow\n2026-03-03 07:00,D1,10\n"


def declared(trial: Trial) -> Trial:
    """The workspace, and folders for what its sources bring."""
    for name in ("counts", "people"):
        (trial.root / name).mkdir()
        trial.given[name.upper()] = str(trial.root / name)
    declare_packs(trial.root / "workspace")
    for path, text in {"datasets/counts": COUNTS, "datasets/people": PEOPLE, "datasets/gauge": GAUGE}.items():
        trial.declare(path, text)
    trial.declare("marts/counts/mart", MART)
    (trial.root / "workspace/marts/counts/device_day.sql").write_text(SELECT, "utf-8")
    return trial


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """First a run of two datasets and the mart, then one that is held."""
    trial = declared(Trial(tmp_path_factory.mktemp("pages")))
    (trial.root / "counts/1.csv").write_text(FIRST, "utf-8")
    (trial.root / "people/1.csv").write_text(f"id\n11010519491231002X\n{SECRET}\n", "utf-8")
    trial.run(datasets=["traffic.counts", "person.register"])
    (trial.root / "counts/2.csv").write_text(SHORT, "utf-8")
    trial.run(datasets=["traffic.counts"])
    return trial


class Clock:
    """A time that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> float:
        return self.now.timestamp()

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(lake: Trial) -> Site:
    return Site(lake.lake.url, lake.root / "workspace")


@pytest.fixture
def sites(clock: Clock) -> Callable[[Path], Site]:
    """A site over a trial's folder whose answers are kept by the clock."""
    return lambda root: Site(str(root / "lake"), root / "workspace", AnswerCache(5.0, clock=clock))
