"""The order of ledger rows: the column ``sequence``, which comes from the lake's clock and not from a machine's.

Rows of older versions have none: the time that they state is read in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import SEQUENCE
from citylake.pipelines.lake.ledger.ledger_upgrade import scan_ledger_files
from citylake.pipelines.lake.receipt_number import receipt_number

if TYPE_CHECKING:
    from deltalake import DeltaTable

_GREATEST = f"max.{SEQUENCE}"


def in_written_order(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows sorted by ``sequence``. Rows of a table that has none, such as ``duplicates``, are in no order."""
    return rows.sort(SEQUENCE, maintain_order=True) if SEQUENCE in rows.columns else rows


def newest_ledger_number(lake: Lake) -> int:
    """Return the greatest number of the lake's clock that any ledger row or receipt has; 0 if there is none."""
    # Imported here: the ledger's tables are listed where they are written.
    from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES

    schemas = {name: module.SCHEMA for name, module in LEDGER_TABLES.items() if SEQUENCE in module.SCHEMA}
    return max(newest_table_number(lake, name, schema) for name, schema in schemas.items())


def newest_table_number(lake: Lake, table: str, schema: pl.Schema) -> int:
    """Return the greatest number of the rows of one ledger table, and of the receipts that it lists."""
    found = open_delta_if_exists(lake, lake.ledger(table))
    return 0 if found is None else newest_stored_number(lake, table, schema, found)


def newest_stored_number(lake: Lake, table: str, schema: pl.Schema, found: DeltaTable) -> int:
    """The same for a table that is open."""
    stated = _number_in_log(found)
    if stated is not None:
        return stated
    rows = scan_ledger_files(lake, table, schema, found.file_uris())
    if rows is None:
        return 0
    wanted = [pl.col(SEQUENCE).max(), *([pl.col("id").max()] if "id" in schema else [])]
    number, *receipt = rows.select(wanted).collect(engine="streaming").row(0)
    return max(number or 0, *(receipt_number(each or "") for each in receipt), 0)


def has_unnumbered_rows(_table: str, found: DeltaTable) -> bool:
    """Return whether a file of a stored ledger table may have rows without a number."""
    if not found.file_uris():
        return SEQUENCE not in {field.name for field in found.schema().fields}
    files = pl.DataFrame(found.get_add_actions(flatten=True))
    missing = f"null_count.{SEQUENCE}"
    return missing not in files.columns or any(count != 0 for count in files[missing])


def _number_in_log(found: DeltaTable) -> int | None:
    """Return the greatest number from the statistics in the log; None if the log does not state it for every file."""
    files = pl.DataFrame(found.get_add_actions(flatten=True))
    stated = files[_GREATEST] if _GREATEST in files.columns else None
    if stated is None or stated.null_count() or not stated.len():
        return None
    return int(max(stated.to_list()))
