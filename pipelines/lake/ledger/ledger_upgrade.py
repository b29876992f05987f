"""Ledger tables that an older version wrote: their rows are read with the present columns.

The tables of revision 42b6f2e have columns called ``at``, ``column``, ``newest`` and ``days``; they are renamed on the
first write, or by ``citylake migrate``. Tables of format 1 have no ``sequence``: their rows are in the order of their
times.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl
from deltalake.exceptions import CommitFailedError

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_append import replace_ledger_rows

if TYPE_CHECKING:
    from deltalake import DeltaTable

log = logging.getLogger(__name__)
_ATTEMPTS = 3
_INSTANT = pl.Datetime("us", "UTC")
_AT = {"recorded_at": pl.col("at")}
_UPGRADES: Mapping[str, Mapping[str, pl.Expr]] = {
    "alerts": {**_AT, "newest_event_at": pl.col("newest")},
    "batches": {**_AT, "committed_at": pl.when(pl.col("status") == "committed").then("at")},
    "categories": {"column_name": pl.col("column")},
    "checks": _AT,
    "publications": {**_AT, "published_at": pl.when(pl.col("status") == "published").then("at")},
    "removals": {**_AT, "retention_days": pl.col("days")},
    "states": _AT,
}
"""By table, the value that a column has in a row of an older version."""
_OLDER_COLUMNS: Mapping[str, pl.Schema] = {
    "alerts": pl.Schema({"at": _INSTANT, "newest": _INSTANT}),
    "categories": pl.Schema({"column": pl.String()}),
    "removals": pl.Schema({"at": _INSTANT, "days": pl.Int64()}),
    **{name: pl.Schema({"at": _INSTANT}) for name in ("batches", "checks", "publications", "states")},
}
_TIMES = ("recorded_at", "requested_at", "noted_at", "first_seen")
"""Columns with the time at which a row was recorded."""


def scan_ledger_files(lake: Lake, table: str, schema: pl.Schema, files: Sequence[str]) -> pl.LazyFrame | None:
    """The rows of a table's files with the columns of ``schema``; None without files. A column not stored is null."""
    if not files:
        return None
    # Whatever the log says: a process of the older version may append while the table is rewritten.
    older = _OLDER_COLUMNS.get(table, pl.Schema())
    # Not pl.scan_delta: it loads PyArrow and NumPy to read the table's log a second time.
    rows = pl.scan_parquet(
        list(files),
        schema=pl.Schema({**schema, **older}),
        missing_columns="insert",
        extra_columns="ignore",
        glob=False,
        storage_options=lake.storage_options,
    )
    if older:
        rows = rows.with_columns(pl.coalesce(name, value).alias(name) for name, value in _UPGRADES[table].items())
    if "sequence" in schema:
        time = next(name for name in _TIMES if name in schema)
        rows = rows.with_columns(pl.coalesce("sequence", pl.col(time).dt.epoch("us")))
    return rows.select(schema.names())


def has_older_columns(table: str, found: DeltaTable) -> bool:
    """Whether a column of the stored table has another name now."""
    return any(field.name in _OLDER_COLUMNS.get(table, ()) for field in found.schema().fields)


def upgrade_ledger_table(
    lake: Lake,
    table: str,
    schema: pl.Schema,
    is_older: Callable[[str, DeltaTable], bool] = has_older_columns,
) -> None:
    """Rewrite a table that ``is_older`` with the columns of ``schema``, in one transaction.

    A crash before the commit leaves the table as it was. If another process commits first, the next attempt begins with
    its version; rows are readable with or without the upgrade, so that a failed one is left to the next write.
    """
    for _ in range(_ATTEMPTS):
        found = open_delta_if_exists(lake, lake.ledger(table))
        if found is None or not is_older(table, found):
            return
        rows = scan_ledger_files(lake, table, schema, found.file_uris())
        data = pl.DataFrame(schema=schema) if rows is None else rows.collect(engine="streaming")
        try:
            replace_ledger_rows(lake, lake.ledger(table), found, data)
        except CommitFailedError as error:
            log.info("ledger/%s: another process changed the table during its upgrade: %s", table, error)
        else:
            return
