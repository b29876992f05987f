"""The rows of held batches in the quarantine table: added once, and closed when something is decided about them.

A decision about a receipt decides about its rows: committed, the reading of the commit has taken their place, and they
leave; rejected or superseded by a later delivery, they stay with that state. Nothing else changes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from citylake.pipelines.commit.delta_transaction import TableChange, commit_once
from citylake.pipelines.commit.merge_context import overlapping_files
from citylake.pipelines.commit.table_files import (
    TableFile,
    list_active_files,
    parse_active_files,
    read_footers,
    scan_table_file,
)
from citylake.pipelines.commit.table_schema import open_or_create_table, table_file_columns
from citylake.pipelines.lake.delta_table import open_delta, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    from deltalake import DeltaTable

UNDECIDED_STATES = ("held", "rejected")
"""The states of rows whose bytes can still be committed. Superseded rows are history, as those of other batches are."""
_GONE = "committed"
_KEY = ("_batch", "_receipt")


def count_held_rows(lake: Lake, dataset: str, batch: str) -> int:
    """Return the number of the batch's rows in the quarantine that are held."""
    found = _held_receipts(lake, dataset).filter(pl.col("_batch") == batch, pl.col("state") == "held")
    return int(found["rows"].sum())


def add_held_rows(lake: Lake, dataset: str, batch: str, paths: Sequence[str]) -> None:
    """Add the files of a held batch, unless its rows are held already. Raises COMMIT_CONFLICT."""
    root = lake.quarantine(dataset)
    files = read_footers(lake, root, paths)
    schema = pa.unify_schemas([file.schema for file in files])

    def plan(table: DeltaTable) -> TableChange:
        now = _receipts_of(lake, root, table)
        known = now.filter(pl.col("_batch") == batch, pl.col("state") == "held")
        return TableChange(adds=[] if known.height else list(files), note={"held": batch})

    commit_once(lake, f"held-{batch}-{uuid.uuid4().hex}", lambda: open_or_create_table(lake, root, schema), plan)


def close_held_rows(lake: Lake, dataset: str, decisions: pl.DataFrame) -> int:
    """Give the rows of held batches the state that was decided; return the number of rows that changed or left.

    ``decisions``: ``id``, ``batch`` and ``decision`` of receipts; rows of other receipts keep their state. One
    transaction; a second call changes nothing. Raises COMMIT_CONFLICT.
    """
    moved = _moves(_held_receipts(lake, dataset), decisions)
    if moved.is_empty():
        return 0
    root = lake.quarantine(dataset)

    def plan(table: DeltaTable) -> TableChange:
        return _plan_moves(lake, root, table, _moves(_receipts_of(lake, root, table), decisions))

    commit_once(lake, f"decided-{uuid.uuid4().hex}", lambda: open_delta(lake, root), plan)
    return int(moved["rows"].sum())


def _held_receipts(lake: Lake, dataset: str) -> pl.DataFrame:
    table = open_delta_if_exists(lake, lake.quarantine(dataset))
    return _no_receipts() if table is None else _receipts_of(lake, lake.quarantine(dataset), table)


def _no_receipts() -> pl.DataFrame:
    text = dict.fromkeys((*_KEY, "state"), pl.String())
    return pl.DataFrame(schema={**text, "rows": pl.UInt32()})


def _receipts_of(lake: Lake, root: str, table: DeltaTable) -> pl.DataFrame:
    """``_batch, _receipt, state, rows`` of all held and rejected rows."""
    schema = table_file_columns(table)
    rows = [scan_table_file(lake, root, file.path, schema) for file in _files_of(table)]
    if not rows:
        return _no_receipts()
    held = pl.concat(rows).filter(pl.col("state").is_in(UNDECIDED_STATES))
    return held.group_by(*_KEY, "state").agg(pl.len().cast(pl.UInt32).alias("rows")).collect(engine="streaming")


def _files_of(table: DeltaTable) -> list[TableFile]:
    """The files that can have such rows, by the bounds of their states."""
    stored = list_active_files(table)
    near = pl.concat([overlapping_files(stored, "state", state, state) for state in UNDECIDED_STATES])
    return parse_active_files(near.unique("path", maintain_order=True))


def _moves(held: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """``_batch, _receipt, rows, to``: the rows whose state is not what was decided, or that another batch holds now."""
    told = decisions.rename({"id": "_receipt", "batch": "now", "decision": "to"})
    both = held.join(told, on="_receipt")
    kept = (pl.col("state") == pl.col("to")) & ((pl.col("to") != "held") | (pl.col("_batch") == pl.col("now")))
    elsewhere = (pl.col("to") == "held") & (pl.col("_batch") != pl.col("now"))
    to = pl.when(elsewhere).then(pl.lit(_GONE)).otherwise("to").alias("to")
    return both.filter(~kept).select(*_KEY, "rows", to)


def _plan_moves(lake: Lake, root: str, table: DeltaTable, moved: pl.DataFrame) -> TableChange:
    schema, change = table_file_columns(table), TableChange(note={"decided": moved.height})
    targets = moved.select(*_KEY, "to").unique().lazy()
    mine = pl.col("state").is_in(UNDECIDED_STATES) & pl.col("to").is_not_null()
    news = [pl.when(mine).then("to").otherwise("state").alias("state")]
    if "closed_at" in schema:
        now = pl.lit(datetime.now(UTC), schema["closed_at"])
        news.append(pl.when(mine).then(now).otherwise("closed_at").alias("closed_at"))
    for file in _files_of(table):
        rows = scan_table_file(lake, root, file.path, schema).join(targets, on=_KEY, how="left", maintain_order="left")
        if not rows.filter(mine).select(pl.len()).collect(engine="streaming").item():
            continue
        stay = rows.filter(~(mine & (pl.col("to") == _GONE)).fill_null(value=False)).with_columns(news)
        change.removes.append(file)
        change.adds += _write(lake, root, stay.select(schema.names()), change)
    return change


def _write(lake: Lake, root: str, rows: pl.LazyFrame, change: TableChange) -> list[TableFile]:
    path = f"{root}/decided-{uuid.uuid4().hex}.parquet"
    rows.sink_parquet(path, compression="zstd", storage_options=lake.storage_options)
    (file,) = read_footers(lake, root, [path])
    if not file.rows:
        lake.remove(path)
        return []
    change.written.append(path)
    return [file]
