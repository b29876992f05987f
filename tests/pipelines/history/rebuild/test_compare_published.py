"""Two files of a mart are compared row for row; only the last digits of a DOUBLE may differ."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from citylake.pipelines.history.rebuild.compare_published import TableComparison, compare_published
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

PUBLISHED = "VALUES ('S1', DATE '2026-03-01', 0.3::DOUBLE, 2), ('S2', DATE '2026-03-01', NULL, 1)"
NAMES = "station_code, day, pm25_ugm3, readings"


def compared(folder: Path, rebuilt: str, names: str = NAMES) -> TableComparison:
    lake = Lake(str(folder / "lake"))
    Path(lake.mart("air")).mkdir(parents=True)
    for file, rows, columns in (
        (Path(lake.mart("air")) / "air-v1.duckdb", PUBLISHED, NAMES),
        (folder / "new.duckdb", rebuilt, names),
    ):
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"CREATE TABLE station_day AS FROM ({rows}) AS found({columns})")
    mart = load_registry(write_small_workspace(folder / "city")).marts["air"]
    at = datetime(2026, 3, 1, tzinfo=UTC)
    build = PastBuild("air", 1, "published", "v1", at, {}, {"station_day": 2}, "", "", (), frozenset())
    kind, (found,) = compare_published(folder / "new.duckdb", mart, build, lake, "200MB")
    assert kind == "rows"
    return found


@pytest.mark.parametrize(
    ("new", "equal", "only", "rounded"),
    [
        ("0.3::DOUBLE, 2", True, 0, 0),
        ("0.1::DOUBLE + 0.2::DOUBLE, 2", True, 0, 1),
        ("0.300001::DOUBLE, 2", False, 1, 0),
        ("NULL::DOUBLE, 2", False, 1, 0),
        ("0.3::DOUBLE, 3", False, 1, 0),
    ],
)
def test_the_order_of_additions_is_no_difference_and_everything_else_is(
    tmp_path: Path, new: str, equal: bool, only: int, rounded: int
) -> None:
    rows = f"SELECT 'S1', DATE '2026-03-01', {new} UNION ALL SELECT 'S2', DATE '2026-03-01', NULL, 1"
    found = compared(tmp_path, rows)
    assert (found.equal, found.only_rebuilt, found.only_published, found.rounded) == (equal, only, only, rounded)


def test_a_row_that_is_twice_is_a_difference(tmp_path: Path) -> None:
    found = compared(tmp_path, f"{PUBLISHED}, ('S2', DATE '2026-03-01', NULL, 1)")
    assert (found.rows, found.published, found.only_rebuilt, found.equal) == (3, 2, 1, False)


def test_another_column_or_type_is_named(tmp_path: Path) -> None:
    found = compared(tmp_path, PUBLISHED.replace("2)", "2::UTINYINT)"), NAMES.replace("pm25_ugm3", "pm25"))
    assert set(found.columns) == {"pm25", "pm25_ugm3", "readings"}
    assert not found.equal
