"""Reads the standard table of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl


def scan_standard(lake: Lake, dataset: str) -> pl.LazyFrame:
    """Return a lazy scan of the dataset's standard table. Raises STANDARD_TABLE_MISSING."""
    found = scan_lake_table(lake, lake.standard(dataset))
    if found is None:
        raise standard_table_missing(lake, dataset)
    return found


def standard_table_missing(lake: Lake, dataset: str) -> CitylakeError:
    """Return the error STANDARD_TABLE_MISSING, with the datasets in the lake."""
    folder = lake.path("standard")
    paths = lake.fs.ls(folder, detail=False) if lake.fs.exists(folder) else []
    known = ", ".join(sorted(path.rstrip("/").rpartition("/")[-1] for path in paths)) or "—"
    return CitylakeError("STANDARD_TABLE_MISSING", lake=lake.url, dataset=dataset, known=known)
