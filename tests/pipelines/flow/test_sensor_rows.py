"""Rows of any shape become the same series: what cannot be compared is null, and nothing raises."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
from deltalake import write_deltalake

from citylake.pipelines.flow.sensor_history import scan_history
from citylake.pipelines.flow.sensor_rows import scan_standard, select_series
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch
from citylake.quality.sensors.sensor_series import AT
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.sensor_rules import SensorTests
from citylake.schemas.read.sensor_series_plan import SeriesPlan

PLAN = SeriesPlan(("st",), "t", ("v", "w"), SensorTests(), "28d", place=("x", "y"))
SCHEMA = {
    AT: pl.Datetime("us", "UTC"),
    "st": pl.String(),
    "v": pl.Float64(),
    "w": pl.Float64(),
    "x": pl.Float64(),
    "y": pl.Float64(),
}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTRACT = cast("Contract", SimpleNamespace(dataset="air.hourly", write=SimpleNamespace(mode="upsert")))


def series(**columns: Any) -> pl.DataFrame:
    """Two rows with the given columns in place of the usual ones; None: without the column."""
    usual = {"st": ["1", "2"], "t": [NOON, NOON], "v": [1.5, 2.5], "w": [1, 2], "x": [8.0, 8.1], "y": [50.0, 50.1]}
    given = {name: values for name, values in {**usual, **columns}.items() if values is not None}
    return select_series(pl.LazyFrame(given), PLAN).collect(engine="streaming")


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (pl.Series([1, 2], dtype=pl.Int8), [1.0, 2.0]),
        (pl.Series([1.5, 2.5], dtype=pl.Float32), [1.5, 2.5]),
        ([Decimal("1.5"), Decimal("2.50")], [1.5, 2.5]),
        ([None, None], [None, None]),
        (["1.5", "much"], [None, None]),
        ([[1.0], [2.0]], [None, None]),
        ([True, False], [None, None]),
        ([NOON, NOON], [None, None]),
        (None, [None, None]),
    ],
)
def test_numbers_of_any_width_are_compared_and_other_kinds_of_values_are_not(values: Any, wanted: list[Any]) -> None:
    found = series(v=values)
    assert found.schema == pl.Schema(SCHEMA)
    assert found["v"].to_list() == wanted
    assert found["w"].to_list() == [1.0, 2.0]


@pytest.mark.parametrize("codes", [["1", "2"], [1, 2], pl.Series(["1", "2"], dtype=pl.Categorical)])
def test_a_sensor_is_the_same_whether_its_code_is_text_or_a_number(codes: Any) -> None:
    assert series(st=codes)["st"].to_list() == ["1", "2"]


@pytest.mark.parametrize(
    "columns",
    [{"st": None}, {"t": None}, {"st": [None, None]}, {"t": [None, None]}, {"t": ["noon", "12"]}, {"t": [1, 2]}],
)
def test_rows_without_a_sensor_or_a_time_do_not_count(columns: dict[str, Any]) -> None:
    found = series(**columns)
    assert found.schema == pl.Schema(SCHEMA)
    assert found.is_empty()


@pytest.mark.parametrize(
    "times",
    [
        [datetime(2026, 3, 1), datetime(2026, 3, 1)],
        [date(2026, 3, 1), date(2026, 3, 1)],
        pl.Series([datetime(2026, 3, 1)] * 2, dtype=pl.Datetime("ns", "UTC")),
        pl.Series([datetime(2026, 3, 1)] * 2, dtype=pl.Datetime("ms")),
    ],
)
def test_times_of_any_precision_and_days_are_times(times: Any) -> None:
    assert series(t=times)[AT].to_list() == [datetime(2026, 3, 1, tzinfo=UTC)] * 2


def history(folder: Path, *versions: dict[str, Any], partition: str | None = None) -> list[tuple[Any, ...]]:
    """What the tests read of a table of these versions before a batch of the next day: sensor, v."""
    lake = Lake(str(folder))
    for rows in versions:
        table = pl.DataFrame({"_receipt": ["r1"], **rows}).to_arrow()
        write_deltalake(lake.standard("air.hourly"), table, mode="append", schema_mode="merge", partition_by=partition)
    fresh = folder / "fresh.parquet"
    pl.DataFrame({"st": ["1"], "t": [NOON.replace(day=2)], "v": [1.0]}).write_parquet(fresh)
    counts = SimpleNamespace(standard=1)
    staged = SimpleNamespace(standard=(str(fresh),), counts=counts, replaced_receipts=frozenset({"r2"}))
    found = scan_history(lake, CONTRACT, PLAN, cast("ConformedBatch", staged))
    return [] if found is None else select_series(found, PLAN).select("st", "v").collect().rows()


@pytest.mark.parametrize(
    ("versions", "wanted"),
    [
        ([{"st": ["1"], "t": [NOON], "v": [2.0]}], [("1", 2.0)]),
        ([{"st": ["1"], "t": [NOON], "v": [2]}], [("1", 2.0)]),
        ([{"st": ["1"], "t": [NOON], "v": ["two"]}], [("1", None)]),
        ([{"st": ["1"], "t": [NOON], "v": [Decimal("2.0")]}], [("1", 2.0)]),
        ([{"st": ["1"], "t": [NOON]}, {"st": ["1"], "t": [NOON], "v": [2.0]}], [("1", None), ("1", 2.0)]),
        ([{"st": [1], "t": [NOON], "v": [2.0]}], [("1", 2.0)]),
        ([{"t": [NOON], "v": [2.0]}], []),
        ([{"st": ["1"], "v": [2.0]}], []),
        ([{"st": ["1"], "t": ["noon"], "v": [2.0]}], []),
        ([{"st": ["1"], "t": [date(2026, 3, 1)], "v": [2.0]}], [("1", 2.0)]),
    ],
)
def test_a_table_of_another_shape_is_history_as_far_as_it_can_be_compared(
    tmp_path: Path, versions: list[dict[str, Any]], wanted: list[tuple[Any, ...]]
) -> None:
    assert sorted(history(tmp_path, *versions), key=str) == sorted(wanted, key=str)


def test_a_table_of_another_partition_than_the_batch_is_history(tmp_path: Path) -> None:
    rows = {"_month": ["2026-03"], "st": ["1"], "t": [NOON], "v": [2.0]}
    assert history(tmp_path, rows, partition="_month") == [("1", 2.0)]


def test_files_of_other_widths_and_columns_are_read_together(tmp_path: Path) -> None:
    frames = [
        pl.DataFrame({"st": ["1"], "v": pl.Series([1], dtype=pl.Int64)}),
        pl.DataFrame({"v": pl.Series([2], dtype=pl.Int32), "st": ["2"]}),
        pl.DataFrame({"st": ["3"], "more": [1]}),
    ]
    files = []
    for number, frame in enumerate(frames):
        files.append(str(tmp_path / f"{number}.parquet"))
        frame.write_parquet(files[-1])
    rows = scan_standard(Lake(str(tmp_path)), files).collect()
    assert rows.rows() == [("1", 1), ("2", 2), ("3", None)]
