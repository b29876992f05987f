"""Files of a table that a commit may read, apart from those that are damaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from citylake.pipelines.commit.table_files import TableFile, list_active_files, parse_active_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch

if TYPE_CHECKING:
    from deltalake import DeltaTable


def readable_files(
    staged: ConformedBatch, lake: Lake, root: str, table: DeltaTable
) -> tuple[pl.DataFrame, list[TableFile]]:
    """Return the table's files but the damaged ones, and the damaged ones, whose rows are among the staged."""
    stored, place = list_active_files(table), root.removeprefix(f"{lake.url}/")
    damaged = (pl.lit(f"{place}/") + pl.col("path")).is_in(list(staged.damaged))
    return stored.filter(~damaged), parse_active_files(stored.filter(damaged)) if staged.damaged else []


def joint_schema(files: Sequence[TableFile]) -> pa.Schema:
    """Return the columns of all files."""
    return pa.unify_schemas([file.schema for file in files])
