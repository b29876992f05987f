"""The sensor tests on real series: ``python -m benchmarks.sensors DATA [--rows N]``; DATA is the folder of real data.

Recall of the labelled windows of the Numenta benchmark's traffic series, alarms on two archives of air stations, a real
day in which 715 station-hours are overwritten with zeros, and the cost of the tests by rows. No setting differs between
the sets. Beside it a plain baseline: readings beyond three standard deviations of their series.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from citylake.quality.sensors.find_faults import find_faults
from citylake.quality.sensors.sensor_series import AT, ENTITY, FRESH
from citylake.quality.sensors.sibling_distance import LATITUDE, LONGITUDE
from citylake.schemas.model.sensor_rules import SensorTests, ValuePair
from citylake.schemas.read.sensor_series_plan import SeriesPlan

NAME, TIME = "sensor", "time"
GASES = ("pm25", "pm10", "so2", "no2", "o3", "co")
_SOURCE = dict(zip(GASES, ("PM2.5", "PM10", "SO2", "NO2", "O3", "CO"), strict=True))
ZEROS = 715
Windows = Mapping[str, Sequence[tuple[datetime, datetime]]]


def read_nab(data: Path) -> pl.DataFrame:
    """The labelled traffic series: a sensor a file, a column ``value``."""
    files = sorted((data / "traffic_nab/realTraffic").glob("*.csv"))
    parts = [
        pl.read_csv(file, try_parse_dates=True).select(
            pl.lit(file.stem).alias(NAME), pl.col("timestamp").alias(TIME), pl.col("value").cast(pl.Float64)
        )
        for file in files
    ]
    return pl.concat(parts)


def read_windows(data: Path) -> Windows:
    """The labelled windows by sensor."""
    known = json.loads((data / "traffic_nab/combined_windows.json").read_text("utf-8"))
    return {
        Path(name).stem: [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in windows]
        for name, windows in known.items()
        if name.startswith("realTraffic/")
    }


def read_cnemc(data: Path) -> pl.DataFrame:
    """Two days of the national stations by station and hour; rows without any reading included."""
    parts = []
    for file in sorted((data / "air_cnemc").glob("china_sites_*.csv")):
        wide = pl.read_csv(file, infer_schema=False)
        wide = wide.drop([name for name in wide.columns if "_duplicated_" in name])
        parts.append(wide.unpivot(index=["date", "hour", "type"], variable_name=NAME))
    rows = pl.concat(parts).with_columns(pl.col("value").cast(pl.Float64))
    hours = rows.pivot(on="type", index=[NAME, "date", "hour"], values="value", aggregate_function="first")
    text = pl.concat_str("date", pl.col("hour").str.zfill(2), pl.lit("00"))
    return hours.select(
        NAME, text.str.to_datetime("%Y%m%d%H%M").alias(TIME), **{gas: pl.col(name) for gas, name in _SOURCE.items()}
    )


def read_prsa(data: Path) -> pl.DataFrame:
    """Four years of two stations of Beijing by hour."""
    parts = [
        pl.read_csv(file, null_values="NA", infer_schema_length=None).select(
            pl.col("station").alias(NAME),
            pl.datetime("year", "month", "day", "hour").alias(TIME),
            **{gas: pl.col(name).cast(pl.Float64) for gas, name in _SOURCE.items()},
        )
        for file in sorted((data / "air_prsa").glob("*.csv"))
    ]
    return pl.concat(parts)


def read_places(data: Path) -> pl.DataFrame:
    """The stations' coordinates, from the snapshot of the national network."""
    features = json.loads((data / "air_cnemc/all_stations_snapshot.json").read_text("utf-8"))["features"]
    rows = [(each["properties"]["stationcode"], *each["geometry"]["coordinates"]) for each in features]
    places = pl.DataFrame(rows, [NAME, LONGITUDE, LATITUDE], orient="row", strict=False)
    return places.select(NAME, pl.col(LONGITUDE, LATITUDE).cast(pl.Float64)).unique(NAME, keep="first")


def write_zeros(rows: pl.DataFrame, count: int = ZEROS) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Overwrite ``count`` random complete station-hours with zeros; return all rows, and the overwritten ones."""
    numbered = rows.sort(NAME, TIME).with_row_index("n")
    whole = numbered.drop_nulls(GASES)["n"].to_list()
    chosen = pl.col("n").is_in(random.Random(715).sample(whole, count))
    zeroed = numbered.with_columns(pl.when(chosen).then(0.0).otherwise(pl.col(gas)).alias(gas) for gas in GASES)
    return zeroed.drop("n"), numbered.filter(chosen).select(NAME, TIME)


def judge(rows: pl.DataFrame, values: Sequence[str], places: pl.DataFrame | None = None) -> pl.DataFrame:
    """The spans that the tests with their defaults find, with the sensor's name and times without a zone."""
    sensors = rows.select(NAME).unique().sort(NAME).with_row_index(ENTITY)
    pairs = (ValuePair(lesser="pm25", greater="pm10"),) if "pm25" in values else ()
    plan = SeriesPlan((NAME,), TIME, tuple(values), SensorTests(), "28d", pairs, keyed="pm25" in values)
    at = pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(AT)
    series = rows.join(sensors, on=NAME).with_columns(at, pl.lit(value=True).alias(FRESH))
    known = None if places is None else sensors.join(places, on=NAME).select(ENTITY, LONGITUDE, LATITUDE)
    spans = find_faults(series.lazy(), plan, known).join(sensors, on=ENTITY)
    return spans.with_columns(pl.col("first_at", "last_at").dt.replace_time_zone(None))


def beyond_deviations(rows: pl.DataFrame, column: str, factor: float = 3.0) -> pl.DataFrame:
    """The baseline: readings beyond ``factor`` standard deviations of their series, one span each."""
    value = pl.col(column)
    far = ((value - value.mean()) / value.std()).abs().over(NAME) > factor
    return rows.filter(far).select(NAME, first_at=TIME, last_at=TIME, readings=pl.lit(1))


def hit_windows(spans: pl.DataFrame, windows: Windows) -> tuple[int, int]:
    """The number of labelled windows that a span touches, and of spans that touch none."""
    found = [*spans.select(NAME, "first_at", "last_at").iter_rows()]

    def _touches(name: str, first: datetime, last: datetime) -> bool:
        return any(first <= end and last >= begin for begin, end in windows[name])

    hit = sum(
        any(name == sensor and first <= end and last >= begin for name, first, last in found)
        for sensor, each in windows.items()
        for begin, end in each
    )
    return hit, sum(not _touches(*span) for span in found)


def _print_nab(data: Path) -> None:
    rows, windows = read_nab(data), read_windows(data)
    total, spans = sum(map(len, windows.values())), judge(rows, ["value"])
    tried = {"sensor tests": spans}
    tried |= {f"{factor:g} standard deviations": beyond_deviations(rows, "value", factor) for factor in (3.0, 5.0, 7.0)}
    print(f"| labelled traffic series, {rows.height:,} readings | windows found | false alarms | per 1,000 |")
    for name, found in tried.items():
        hit, false = hit_windows(found, windows)
        print(f"| {name} | {hit} of {total} | {false} | {1000 * false / rows.height:.2f} |")


def _print_alarms(name: str, rows: pl.DataFrame, places: pl.DataFrame | None = None) -> None:
    readings = sum(rows[gas].count() for gas in GASES)
    spans = judge(rows, GASES, places)
    print(f"| {name}, {readings:,} readings | spans | readings | spans per 1,000 |")
    for (code,), found in spans.partition_by("code", as_dict=True).items():
        print(f"| {code} | {found.height:,} | {found['readings'].sum():,} | {1000 * found.height / readings:.2f} |")
    plain = sum(beyond_deviations(rows, gas).height for gas in GASES)
    print(f"| 3 standard deviations | {plain:,} | {plain:,} | {1000 * plain / readings:.2f} |")


def _print_zeros(rows: pl.DataFrame) -> None:
    zeroed, planted = write_zeros(rows)
    spans = judge(zeroed, GASES).filter(pl.col("code") == "ZERO_FOR_MISSING")
    found = planted.join_where(
        spans.select("first_at", "last_at", other=NAME),
        pl.col(NAME) == pl.col("other"),
        pl.col(TIME) >= pl.col("first_at"),
        pl.col(TIME) <= pl.col("last_at"),
    )
    print(f"| zeros | {found.height} of {planted.height} found | {spans['readings'].sum() - found.height} others |")


def write_large(path: Path, rows: int, sensors: int = 2_000) -> None:
    """Write detector readings at 5 minutes with a daily course: flow, speed, occupancy."""
    number = pl.int_range(rows)
    step, noise = number // sensors, (number * 7_919 % 10_007) / 10_007
    base = 50 + 40 * (step / 288 * 6.283185).sin()
    frame = (
        pl.select(number.alias("n"))
        .lazy()
        .select(
            (pl.lit("D") + (pl.col("n") % sensors).cast(pl.String)).alias(NAME),
            pl.from_epoch((pl.col("n") // sensors) * 300, "s").alias(TIME),
        )
    )
    values = pl.select(
        flow=(base + 10 * noise).round(),
        speed=(60 - base / 5 + 8 * noise).round(1),
        occupancy=(base / 5 + noise).round(2),
    )
    pl.concat([frame.collect(), values], how="horizontal").write_parquet(path, row_group_size=250_000)


def _print_cost(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "large.parquet"
        write_large(file, rows)
        begun, spent = time.perf_counter(), time.process_time()
        plan = SeriesPlan((NAME,), TIME, ("flow", "speed", "occupancy"), SensorTests(), "28d", keyed=True)
        series = pl.scan_parquet(file).with_columns(
            pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(AT), pl.lit(value=True).alias(FRESH)
        )
        sensors = series.select(NAME).unique().collect(engine="streaming").sort(NAME).with_row_index(ENTITY)
        find_faults(series.join(sensors.lazy(), on=NAME), plan)
        cpu = time.process_time() - spent
    print(f"| cost, {rows:,} rows of 3 values | {time.perf_counter() - begun:.1f} s | {cpu:.1f} CPU s |")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    cnemc = read_cnemc(chosen.data)
    _print_nab(chosen.data)
    _print_alarms("national stations, two days", cnemc, read_places(chosen.data))
    _print_alarms("two stations of Beijing, four years", read_prsa(chosen.data))
    _print_zeros(cnemc)
    _print_cost(chosen.rows)


if __name__ == "__main__":
    main()
