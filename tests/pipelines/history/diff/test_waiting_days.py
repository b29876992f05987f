"""Rows of a day that waited for another dataset say so, beside late rows of the same comparison."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from tests.pipelines.history.diff.histories import HEADER, City, _write
from tests.small_workspace import write_small_workspace

SQL = """
SELECT a.station_code, a._day AS day, count(*) AS readings,
    sum(a.pm25_ugm3) + coalesce(sum(b.pm25_ugm3), 0) AS pm25_ugm3
FROM air.readings a LEFT JOIN air.more b ON a.station_code = b.station_code AND a.hour_start = b.hour_start
GROUP BY ALL
"""


def _publish(city: City, *, patient: bool) -> None:
    registry, lake, this = city.workspace._registry, Lake(city.lake.url), new_run()
    work = RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this, {}))
    ingest_dataset(work, registry.contracts["air.readings"])
    build_and_publish_marts(work, ["air"], patient=patient)
    work.ledger.flush()


def test_a_day_that_waited_is_no_other_cause(tmp_path: Path) -> None:
    city, today = City(tmp_path), datetime.now(UTC).date()
    write_small_workspace(city.folder)
    contract = (city.folder / "datasets/air/readings.yaml").read_text("utf-8")
    more = contract.replace("air.readings", "air.more").replace("inbox", "more")
    _write(city.folder / "datasets/air/more.yaml", more)
    _write(city.folder / "marts/air/station_day.sql", SQL)
    _write(city.folder / "more/a.csv", f"{HEADER}S1,2026-03-01 08:00,1\n")
    city.run()
    _write(city.folder / "inbox/b.csv", f"{HEADER}S1,{today} 08:00,7\nS1,2026-03-01 11:00,7\n")
    _publish(city, patient=True)
    _write(city.folder / "inbox/c.csv", f"{HEADER}S1,2026-03-02 11:00,7\n")
    _publish(city, patient=False)
    cells = city.diff()
    kinds = {(json.loads(key)["day"], *each) for key, each in cells.select("key", "kinds").iter_rows()}
    assert kinds == {("2026-03-02", "late"), (str(today), "waited")}
