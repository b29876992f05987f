"""Sensor tests on public series: zeros written over real station-hours are all found, labelled windows as recorded."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.sensors import ZEROS, hit_windows, read_windows
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.sensor_findings import current_findings

GASES = ("PM2.5", "PM10", "SO2", "NO2", "O3", "CO", "AQI")
WINDOWS_FOUND = 8
FALSE_ALARMS = 12
"""As recorded in benchmarks/README.md."""


def findings(ran: Any, dataset: str, code: str) -> pl.DataFrame:
    return current_findings(Ledger(ran.lake), [dataset], [code])


def overwrite_hours(lines: list[list[str]], count: int) -> Iterator[tuple[str, datetime]]:
    """Write 0 as index and six concentrations of random complete station-hours; yield each station and hour."""
    rows = {(line[1], line[2]): line for line in lines[1:]}
    hours = sorted({hour for hour, _ in rows}, key=int)
    names = lines[0]
    # A station that has two columns would have two values in its hour.
    stations = [n for n, name in enumerate(names) if n > 2 and names.count(name) == 1]
    whole = [(h, n) for h in hours for n in stations if all(rows.get((h, gas), [""] * (n + 1))[n] for gas in GASES)]
    for hour, number in random.Random(715).sample(whole, count):
        for gas in GASES:
            rows[hour, gas][number] = "0"
        yield names[number], datetime.strptime(f"{lines[1][0]} {hour} +0800", "%Y%m%d %H %z").astimezone(UTC)


def test_715_station_hours_of_zeros_are_all_found_and_nothing_else_is_taken_for_one(
    runner: Any, data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data/air_cnemc"
    folder.mkdir(parents=True)
    earlier, later = sorted(data.glob("air_cnemc/china_sites_*.csv"))
    shutil.copy(earlier, folder)
    lines = [line.split(",") for line in later.read_text("utf-8").splitlines()]
    planted = set(overwrite_hours(lines, ZEROS))
    (folder / later.name).write_text("\n".join(map(",".join, lines)) + "\n", "utf-8")
    ran = runner(given={"CITYLAKE_DATA": str(tmp_path / "data")}, datasets=["air.cnemc_hourly"])
    assert ran.dataset("air.cnemc_hourly")["status"] == "committed"
    rows = findings(ran, "air.cnemc_hourly", "ZERO_FOR_MISSING")
    # Hours are labelled by their end in the file, by their start in the table.
    spans = rows.select("entity", pl.datetime_ranges("first_at", "last_at", "1h").alias("at")).explode("at")
    assert rows["readings"].sum() == ZEROS
    assert {(name, at) for name, at in spans.with_columns(pl.col("at") + pl.duration(hours=1)).iter_rows()} >= planted


def test_real_zeros_do_not_occur_in_the_two_days_and_none_is_reported(ran: Any) -> None:
    assert findings(ran, "air.cnemc_hourly", "ZERO_FOR_MISSING").is_empty()


def test_the_labelled_windows_are_found_as_often_as_recorded(ran: Any, data: Path) -> None:
    rows = current_findings(Ledger(ran.lake), ["traffic.nab_readings"])
    local = [
        pl.col(name).dt.convert_time_zone("America/Chicago").dt.replace_time_zone(None)
        for name in ("first_at", "last_at")
    ]
    device, measure = (pl.col("entity").str.split(" / ").list.get(n) for n in (0, 1))
    file = pl.concat_str(measure.replace({"travel_time": "TravelTime"}), device, separator="_").alias("sensor")
    hit, false = hit_windows(rows.select(file, *local), read_windows(data))
    assert hit >= WINDOWS_FOUND
    assert false <= FALSE_ALARMS + 2


def test_more_fine_particles_than_particles_are_found_by_the_pair_of_the_pack(ran: Any) -> None:
    rows = findings(ran, "air.prsa_hourly", "PAIR_IMPOSSIBLE")
    assert rows["readings"].sum() == 3_067
    assert set(rows["column_name"]) == {"pm25_ugm3+pm10_ugm3"}
