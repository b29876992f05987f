"""Creates Delta tables and adds missing columns, so that files can be added to them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.exceptions import CommitFailedError, DeltaError

from citylake.pipelines.lake.delta_log import KEEP_LOG, sync_log
from citylake.pipelines.lake.delta_table import delta_exists, open_delta, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

PARTITION_TYPES = {"_day": pa.date32(), "_month": pa.string(), "_year": pa.string()}


def table_partition_column(contract: Contract) -> str | None:
    """Return the partition column of ``write.partition`` (``_day``, ``_month`` or ``_year``), or None.

    Its values are stored in paths only.
    """
    grain = (contract.write.partition or "").partition("(")[0]
    return f"_{grain}" if grain else None


def open_or_create_table(
    lake: Lake, root: str, schema: pa.Schema | pl.Schema, partition: Sequence[str] = ()
) -> DeltaTable:
    """Open the table at ``root``. Create it if it does not exist, and add missing columns.

    ``schema`` is that of the files; partition columns are added to it. Raises TABLE_PARTITION_CHANGED if the table has
    another partition, and TABLE_TYPE_CHANGED if the type of a column differs from the table's.
    """
    lake.makedirs(root)
    wanted = table_schema(pa.schema(schema), partition)
    table = open_delta_if_exists(lake, root)
    if table is None:
        _create_table(lake, root, wanted, partition)
        table = open_delta(lake, root)
    _check_partition(table, partition, root)
    _evolve_schema(lake, table, wanted, root)
    return table


def _check_partition(table: DeltaTable, partition: Sequence[str], root: str) -> None:
    """A file of another partition would make the table's log unreadable for every later run."""
    stored = table.metadata().partition_columns
    if list(stored) != list(partition):
        values = {"stored": ", ".join(stored) or "—", "given": ", ".join(partition) or "—"}
        raise CitylakeError("TABLE_PARTITION_CHANGED", table=root, **values)


def _create_table(lake: Lake, root: str, schema: Schema, partition: Sequence[str]) -> None:
    try:
        options = lake.storage_options
        DeltaTable.create(root, schema, mode="ignore", partition_by=list(partition), storage_options=options)
    except DeltaError:
        # Another process may have created it in the meantime. Otherwise the error is real.
        if not delta_exists(lake, root):
            raise


def _evolve_schema(lake: Lake, table: DeltaTable, wanted: Schema, root: str) -> None:
    error = type_change(table, wanted, root)
    if error:
        raise error
    held = {field.name for field in table.schema().fields}
    fresh = [entry for entry in wanted.fields if entry.name not in held]
    if fresh:
        _add_columns(lake, table, fresh, wanted, root)


def type_change(table: DeltaTable, wanted: Schema | pa.Schema, root: str) -> CitylakeError | None:
    """Return TABLE_TYPE_CHANGED if a column of the table has another type than in ``wanted``."""
    held = {field.name: field for field in table.schema().fields}
    for entry in (wanted if isinstance(wanted, Schema) else Schema.from_arrow(wanted)).fields:
        if entry.name in held and held[entry.name].type != entry.type:
            types = {"stored": _entry_type(held[entry.name]), "given": _entry_type(entry)}
            return CitylakeError("TABLE_TYPE_CHANGED", table=root, column=entry.name, **types)
    return None


def table_schema(files: pa.Schema, partition: Sequence[str]) -> Schema:
    """Return the schema of a table whose files have the columns ``files``."""
    keys = [pa.field(name, PARTITION_TYPES.get(name, pa.string())) for name in partition]
    return Schema.from_arrow(pa.schema([*files, *keys]))


def _add_columns(lake: Lake, table: DeltaTable, fresh: list[Field], wanted: Schema, root: str) -> None:
    # As before every commit: the entry that it is based on must not be lost before it.
    sync_log(lake, root)
    try:
        table.alter.add_columns(
            [Field(entry.name, entry.type, nullable=True) for entry in fresh],
            commit_properties=CommitProperties(max_commit_retries=0),
            post_commithook_properties=KEEP_LOG,
        )
    except CommitFailedError:
        # Another process committed in the meantime, and may have added the same columns.
        table.update_incremental()
        _evolve_schema(lake, table, wanted, root)
    table.update_incremental()


def _entry_type(entry: Field) -> str:
    return str(getattr(entry.type, "type", entry.type))


def table_file_columns(table: DeltaTable, partition: Sequence[str] = ()) -> pl.Schema:
    """Return the polars types of the columns in the table's files, without the partition columns."""
    arrow = pa.schema(table.schema().to_arrow())
    return pl.Schema({name: kind for name, kind in pl.Schema(arrow).items() if name not in partition})
