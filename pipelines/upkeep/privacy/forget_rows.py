"""Removes one person's rows from a dataset's Delta tables, and every older version that a reader could travel to."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange, commit_once
from citylake.pipelines.commit.table_files import (
    TableFile,
    list_active_files,
    parse_active_files,
    read_footers,
    scan_table_file,
)
from citylake.pipelines.commit.table_schema import table_file_columns
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.delta_log import sync_log
from citylake.pipelines.lake.delta_table import open_delta, open_delta_if_exists
from citylake.pipelines.lake.digests.file_digest import open_whole_file
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, list_log_files, log_file_version
from citylake.pipelines.lake.digests.record_files import record_table_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.upkeep.lake_files import delete_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.privacy.person_match import PersonMarks, match_texts, person_in_column, token_elements
from citylake.pipelines.upkeep.privacy.search_lake import parquet_has
from citylake.pipelines.upkeep.protected_files import names_in_step_states
from citylake.schemas.model.contract import Contract

if TYPE_CHECKING:
    from deltalake import DeltaTable

RowTest = Callable[[pl.DataFrame], pl.Series]
"""Which rows are the person's."""
_ROWS_AT_ONCE = 200_000


def forget_standard_rows(context: RunContext, contract: Contract, marks: PersonMarks) -> int:
    """Remove the person's rows from the standard table; returns their number."""
    elements = token_elements(contract, context.registry)

    def test(rows: pl.DataFrame) -> pl.Series:
        hits = [person_in_column(rows[name], element, marks) for name, element in elements.items() if name in rows]
        return pl.DataFrame(hits).select(pl.any_horizontal(pl.all())).to_series() if hits else _none(rows)

    return _forget_rows(context, LakeTable("standard", contract.dataset), marks, test)


def forget_quarantine_rows(context: RunContext, contract: Contract, marks: PersonMarks, places: pl.DataFrame) -> int:
    """Remove the person's rows from the quarantine: those at ``places``, and those whose text has the identifier."""

    def test(rows: pl.DataFrame) -> pl.Series:
        at = rows.select(ROW_PLACE).with_row_index("__at")
        hits = set(at.join(places, on=list(ROW_PLACE), how="semi", nulls_equal=True)["__at"])
        hits |= set(_texts_of_person(rows, context, contract, marks))
        if marks.texts:
            hits |= set(at.filter(rows["raw"].str.contains_any(sorted(marks.texts)).fill_null(value=False))["__at"])
        return pl.int_range(rows.height, eager=True).is_in(sorted(hits))

    return _forget_rows(context, LakeTable("quarantine", contract.dataset), marks, test)


def _texts_of_person(rows: pl.DataFrame, context: RunContext, contract: Contract, marks: PersonMarks) -> list[int]:
    """The rows whose kept text, field by field, has the identifier."""
    kept = [json.loads(raw) if raw else {} for raw in rows["raw"]]
    fields = dict.fromkeys(name for row in kept for name in row)
    texts = pl.DataFrame(
        {name: pl.Series([_text(row.get(name)) for row in kept], dtype=pl.String) for name in fields}
        | {"_receipt": rows["_receipt"], "_part": rows["_part"], "_row": pl.int_range(rows.height, eager=True)}
    )
    found, _ = match_texts(texts.lazy(), contract, context.registry, marks)
    return found["_row"].to_list()


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _none(rows: pl.DataFrame) -> pl.Series:
    return pl.Series([False] * rows.height, dtype=pl.Boolean)


def _forget_rows(context: RunContext, table: LakeTable, marks: PersonMarks, test: RowTest) -> int:
    """Rewrite the files that have rows of the person, or their texts in a dictionary, in one transaction."""
    lake, root = context.lake, table.root(context.lake)
    if open_delta_if_exists(lake, root) is None:
        return 0
    counted: dict[str, int] = {}

    def plan(held: DeltaTable) -> TableChange:
        counted.clear()
        change = TableChange(note={"everything": True})
        schema = table_file_columns(held, held.metadata().partition_columns)
        for file in parse_active_files(list_active_files(held)):
            rows = _rows_of(lake, root, file, schema, test)
            if rows.any() or _holds(lake, root, file, marks):
                counted[file.path] = int(rows.sum())
                change.removes.append(file)
                change.adds += _without(lake, root, file, schema, rows)
        return change

    held = open_delta(lake, root)
    schema = table_file_columns(held, held.metadata().partition_columns)
    files = parse_active_files(list_active_files(held))
    if not any(_holds(lake, root, file, marks) or _rows_of(lake, root, file, schema, test).any() for file in files):
        return 0
    commit_once(lake, f"forget-{context.run.id}-{uuid.uuid4().hex[:8]}", partial(open_delta, lake, root), plan)
    return sum(counted.values())


def _rows_of(lake: Lake, root: str, file: TableFile, schema: pl.Schema, test: RowTest) -> pl.Series:
    parts = [pl.Series([], dtype=pl.Boolean)]
    for start in range(0, file.rows, _ROWS_AT_ONCE):
        rows = scan_table_file(lake, root, file.path, schema).slice(start, _ROWS_AT_ONCE).collect()
        parts.append(test(rows).fill_null(value=False))
    return pl.concat([part.alias("gone") for part in parts])


def _holds(lake: Lake, root: str, file: TableFile, marks: PersonMarks) -> bool:
    with open_whole_file(lake, f"{root}/{file.path}") as stream:
        return parquet_has(stream, marks.patterns)


def _without(lake: Lake, root: str, file: TableFile, schema: pl.Schema, gone: pl.Series) -> list[TableFile]:
    if gone.all():
        return []
    folder = file.path.rpartition("/")[0]
    name = f"forgot-{uuid.uuid4().hex}.parquet"
    whole = f"{root}/{folder}/{name}" if folder else f"{root}/{name}"
    kept = scan_table_file(lake, root, file.path, schema, row_index_name="__at").filter(
        ~pl.col("__at").is_in(gone.arg_true().to_list())
    )
    kept.select(schema.names()).sink_parquet(whole, storage_options=lake.storage_options)
    return read_footers(lake, root, [whole])


def forget_history(context: RunContext, table: LakeTable) -> None:
    """Leave only the current version of a table: no older file, and no log entry with bounds of older files."""
    lake, root = context.lake, table.root(context.lake)
    held = open_delta_if_exists(lake, root)
    if held is None:
        return
    kept = names_in_step_states(lake)
    held.create_checkpoint()
    sync_log(lake, root)
    for file in list_log_files(lake, root, None):
        if log_file_version(file.path) < held.version():
            lake.remove(f"{root}/{LOG_FOLDER}/{file.path}")
    # Not by VACUUM, which keeps what left the table a moment ago.
    named = {*list_active_files(held)["path"], *kept}
    files = [file for file in list_stored_files(lake, root) if not file.path.startswith(f"{LOG_FOLDER}/")]
    gone = [file for file in files if file.path not in named and file.path.rpartition("/")[2] not in named]
    delete_stored_files(lake, root, gone)
    record_table_files(context.ledger, context.run.id, table.place, context.run.started_at)
    context.ledger.flush()
