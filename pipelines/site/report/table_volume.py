"""Rows by day and nulls by column of a Delta table, from the statistics in its log: no data file is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    from deltalake import DeltaTable

_NULLS = "null_count."


@dataclass(frozen=True, slots=True)
class TableVolume:
    """What the log of a Delta table says of it.

    ``days``: (partition, rows) in order; ``nulls``: nulls by column, for the columns that every file has counted;
    ``files``: (URI, rows) of the data files, newest first.
    """

    rows: int
    days: list[tuple[str, int]]
    nulls: dict[str, int]
    files: list[tuple[str, int]]


def table_volume(lake: Lake, root: str) -> TableVolume:
    """Return the volume of a table; of an absent one, nothing."""
    table = open_delta_if_exists(lake, root)
    if table is None:
        return TableVolume(0, [], {}, [])
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    return TableVolume(
        int(actions["num_records"].sum() or 0), _rows_by_day(actions), _null_counts(actions), _files(table, actions)
    )


def _rows_by_day(actions: pl.DataFrame) -> list[tuple[str, int]]:
    parts = [name for name in actions.columns if name.startswith("partition.")]
    if not parts or actions.is_empty():
        return []
    day = pl.col(parts[0]).cast(pl.String).alias("day")
    counted = actions.group_by(day).agg(pl.col("num_records").sum()).drop_nulls("day").sort("day")
    return [(name, int(rows or 0)) for name, rows in counted.iter_rows()]


def _null_counts(actions: pl.DataFrame) -> dict[str, int]:
    known = [name for name in actions.columns if name.startswith(_NULLS) and not actions[name].null_count()]
    return {name.removeprefix(_NULLS): int(actions[name].sum()) for name in known}


def _files(table: DeltaTable, actions: pl.DataFrame) -> list[tuple[str, int]]:
    newest = actions.sort("modification_time", "path", descending=True).select("path", "num_records")
    root = table.table_uri.rstrip("/")
    return [(f"{root}/{unquote(path)}", int(rows or 0)) for path, rows in newest.iter_rows()]
