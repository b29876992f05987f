"""Parquet files of a table, staged or stored: statistics from the footer, and entries of the Delta log."""

from __future__ import annotations

import json
import math
import posixpath
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction

from citylake.pipelines.lake.digests.file_digest import digest_stream, in_threads, open_whole_file
from citylake.pipelines.lake.lake_zones import HIVE_NULL, Lake

if TYPE_CHECKING:
    from deltalake import DeltaTable

MAX_TEXT_BOUND = 64
"""Maximum length of a text bound, in characters. Keeps the log small; a bound need not be tight."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """One file. ``path``: relative to the table's folder. ``lower``, ``upper``, ``nulls``: statistics by column.

    ``schema`` is None and ``sha256`` is empty for a file read from the log.
    """

    path: str
    size_bytes: int
    rows: int
    partition: Mapping[str, str | None]
    lower: Mapping[str, Any] = field(default_factory=dict)
    upper: Mapping[str, Any] = field(default_factory=dict)
    nulls: Mapping[str, int] = field(default_factory=dict)
    schema: pa.Schema | None = None
    sha256: str = ""


def read_footers(lake: Lake, root: str, paths: Iterable[str]) -> list[TableFile]:
    """Return the files at ``paths`` (full, or relative to ``root``), with their SHA-256 and statistics of the footers.

    They were just written: reading them once more costs little, and a later change of them can be found.
    """
    names = [path.removeprefix(root).lstrip("/") for path in paths]
    return in_threads(lambda name: _read_footer(lake, root, name), names)


def _read_footer(lake: Lake, root: str, path: str) -> TableFile:
    whole = f"{root}/{path}"
    with open_whole_file(lake, whole) as stream:
        digest = digest_stream(stream)
        stream.seek(0)
        footer = pq.ParquetFile(stream)
        metadata = footer.metadata
        # A column that is required in one file can have nulls in another one of its table.
        schema = pa.schema([entry.with_nullable(True) for entry in footer.schema_arrow])  # noqa: FBT003
    bounds, partition = _bounds(metadata, schema), _partition(path)
    return TableFile(path, digest.size_bytes, metadata.num_rows, partition, *bounds, schema, digest.sha256)


def _partition(path: str) -> dict[str, str | None]:
    parts = (part.partition("=") for part in posixpath.dirname(path).split("/") if "=" in part)
    return {name: None if value == HIVE_NULL else unquote(value) for name, _, value in parts}


def _bounds(metadata: Any, schema: pa.Schema) -> tuple[dict[str, Any], dict[str, Any], dict[str, int]]:
    lower: dict[str, Any] = {}
    upper: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for index in range(metadata.num_columns):
        name = metadata.schema.column(index).path
        if name not in schema.names:  # fields of lists and structs have no bounds in the log
            continue
        groups = [metadata.row_group(group).column(index).statistics for group in range(metadata.num_row_groups)]
        if not groups or any(group is None or group.null_count is None for group in groups):
            continue
        nulls[name] = sum(group.null_count for group in groups)
        bounded = [group for group in groups if group.has_min_max]
        if len(bounded) == sum(1 for group in groups if group.num_values):
            kind = schema.field(name).type
            least, most = ([_value(kind, getattr(group, end)) for group in bounded] for end in ("min_raw", "max_raw"))
            _bound(name, least, most, lower, upper)
    return lower, upper, nulls


def _value(kind: pa.DataType, raw: Any) -> Any:
    """Return a raw bound as a value. pyarrow's own conversion of timestamps imports pandas, which takes 0.5 s."""
    if pa.types.is_timestamp(kind) and kind.unit == "us" and isinstance(raw, int):
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=raw)
        return moment if kind.tz else moment.replace(tzinfo=None)
    if pa.types.is_date32(kind) and isinstance(raw, int):
        return date(1970, 1, 1) + timedelta(days=raw)
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return raw.decode() if isinstance(raw, bytes) and text else raw


def _bound(name: str, least: list[Any], most: list[Any], lower: dict[str, Any], upper: dict[str, Any]) -> None:
    if not least or not all(_comparable(value) for value in (*least, *most)):
        return
    lower[name], upper[name] = min(least), max(most)


def _comparable(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int | str | date) and not isinstance(value, bool)


def scan_table_file(
    lake: Lake, root: str, path: str, schema: pl.Schema, *, row_index_name: str | None = None
) -> pl.LazyFrame:
    """Scan a file of a table with the table's current schema. Columns added after the file are null."""
    return pl.scan_parquet(
        f"{root}/{path}",
        schema=schema,
        missing_columns="insert",
        extra_columns="ignore",
        hive_partitioning=False,
        glob=False,
        row_index_name=row_index_name,
        storage_options=lake.storage_options,
    )


def make_add_action(file: TableFile, *, data_change: bool = True) -> AddAction:
    """Return the log entry that adds ``file`` to its table. ``data_change`` is false if the rows are not new."""
    stats = {
        "numRecords": file.rows,
        "minValues": {name: _lower(value) for name, value in file.lower.items()},
        "maxValues": {name: _upper(value) for name, value in file.upper.items()},
        "nullCount": dict(file.nulls),
    }
    return AddAction(file.path, file.size_bytes, file.partition, _now_ms(), data_change, json.dumps(stats))


def make_remove_action(file: TableFile, *, data_change: bool = True) -> RemoveAction:
    """Return the log entry that removes ``file`` from its table."""
    return RemoveAction(file.path, data_change, _now_ms(), file.size_bytes, dict(file.partition))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _lower(value: Any) -> Any:
    return value[:MAX_TEXT_BOUND] if isinstance(value, str) else _json(value)


def _upper(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT_BOUND:
        return value[:MAX_TEXT_BOUND] + chr(0x10FFFF)
    return _json(value)


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f") + ("Z" if value.tzinfo else "")
    return value.isoformat() if isinstance(value, date) else value


def list_active_files(table: DeltaTable) -> pl.DataFrame:
    """Return the table's active files from the log, one per row: ``path, size_bytes, num_records, min.…, max.…``."""
    return pl.DataFrame(table.get_add_actions(flatten=True))


def parse_active_files(frame: pl.DataFrame) -> list[TableFile]:
    """Convert rows of :func:`list_active_files` to files, without statistics."""
    return [
        TableFile(row["path"], row["size_bytes"], row["num_records"], _values(row))
        for row in frame.select(pl.col("^(path|size_bytes|num_records|partition\\..*)$")).to_dicts()
    ]


def _values(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        name.removeprefix("partition."): None if value is None else str(value)
        for name, value in row.items()
        if name.startswith("partition.")
    }
