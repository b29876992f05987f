from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.commit.table_files import make_add_action, read_footers
from citylake.pipelines.lake.lake_zones import HIVE_NULL, Lake


def written(tmp_path: Path, frame: pl.DataFrame, folder: str = "", **options: Any) -> Any:
    (tmp_path / folder).mkdir(exist_ok=True)
    path = tmp_path / folder / "a.parquet"
    frame.write_parquet(path, **options)
    return make_add_action(read_footers(Lake(str(tmp_path)), str(tmp_path), [str(path)])[0])


def test_bounds_are_of_all_row_groups(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [5, 1, None, 9, 7, 2], "d": [date(2026, 3, day) for day in (4, 2, 8, 1, 3, 5)]})
    stats = json.loads(written(tmp_path, frame, row_group_size=2).stats)
    assert (stats["minValues"]["n"], stats["maxValues"]["n"], stats["nullCount"]["n"]) == (1, 9, 1)
    assert (stats["minValues"]["d"], stats["maxValues"]["d"]) == ("2026-03-01", "2026-03-08")
    assert stats["numRecords"] == 6


def test_a_row_group_without_bounds_leaves_the_column_without(tmp_path: Path) -> None:
    frame = pl.DataFrame({"v": [1.0, float("nan"), None, None], "t": [datetime(2026, 3, 1, tzinfo=UTC)] * 4})
    stats = json.loads(written(tmp_path, frame).stats, parse_constant=pytest.fail)
    assert stats["minValues"]["t"] == "2026-03-01T00:00:00.000000Z"
    assert stats["nullCount"]["v"] == 2


def test_long_text_is_bounded_from_both_sides(tmp_path: Path) -> None:
    text = "临" * 200
    stats = json.loads(written(tmp_path, pl.DataFrame({"s": [text], "l": [["x"]]})).stats)
    assert stats["minValues"]["s"] <= text <= stats["maxValues"]["s"]
    assert len(stats["maxValues"]["s"]) <= 65
    assert "l" not in stats["minValues"]


def test_partitions_come_from_the_path(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1]})
    assert written(tmp_path, frame, "_day=2026-03-01").partition_values == {"_day": "2026-03-01"}
    assert written(tmp_path, frame, f"_day={HIVE_NULL}").partition_values == {"_day": None}
