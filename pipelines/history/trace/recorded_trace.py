"""Traces that are on record: each leaves one row in the ledger's ``accesses``, also one that fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citylake.pipelines.history.trace.curated_rows import key_text
from citylake.pipelines.history.trace.trace_model import RowTrace
from citylake.pipelines.history.trace.trace_row import declared_table, trace_row
from citylake.pipelines.lake.access_record import Access, Asked
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.read.mart_reader import published_pointer
from citylake.pipelines.read.recorded_query import reader_name, record_reading
from citylake.pipelines.read.recorded_sql import recorded_sql
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def recorded_trace(
    lake: Lake,
    registry: Registry,
    mart: str,
    table: str,
    key: Mapping[str, Any] | Sequence[str],
    column: str | None = None,
    version: str | None = None,
    asked: Asked | None = None,
) -> tuple[RowTrace, str]:
    """Trace a row as :func:`trace_row` does, and record it before anything is returned.

    The second value says why it is not on record; it is empty if it is. Raises as :func:`trace_row` does, and
    QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    declared_table(registry, mart, table)
    pointer, asked = published_pointer(lake, mart), asked or Asked()
    request = _request(pointer, table, key, column)
    access = Access("trace", "mart", mart, request, reader_name(asked), asked.via, asked.why)
    try:
        found = trace_row(lake, registry, mart, table, key, column, version)
    except BaseException as error:
        access.outcome = error.code if isinstance(error, CitylakeError) else type(error).__name__
        record_reading(lake, pointer, access)
        raise
    access.rows = sum(rows.height for _, rows in found.datasets())
    return found, record_reading(lake, pointer, access)


def _request(pointer: Pointer, table: str, key: Mapping[str, Any] | Sequence[str], column: str | None) -> str:
    """What was asked; of a mart with values of persons, without the values of the key."""
    asked = f"trace {table}" + (f" {column}" if column else "")
    if pointer.personal:
        return asked
    words = key_text(key) if isinstance(key, Mapping) else " ".join(key)
    return recorded_sql(f"{asked} {words}")
