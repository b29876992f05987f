"""Queries of marts that are on record: each leaves one row in the ledger's ``accesses``, also one that fails."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from deltalake.exceptions import DeltaError
from polars.exceptions import PolarsError

from citylake.pipelines.lake.access_record import Access, Asked, process_user, record_access
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.read.mart_reader import OpenMart, open_mart, published_pointer, query_mart
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.read.recorded_sql import recorded_sql
from citylake.schemas.words.errors import CitylakeError

_MOST = 10_000
"""Characters of a request that are kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of a query."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    unrecorded: str
    """Why the query is not on record; empty if it is."""


def ask_mart(
    lake: Lake, mart: str, sql: str, asked: Asked, limits: QueryLimits | None = None, *, to_file: str = ""
) -> Answer:
    """Run ``sql`` over the published version of a mart, and record it before anything is returned.

    ``to_file``: where the result goes, if it leaves the lake as a file; it is then on record as an export.

    Raises as ``query_mart``, and QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    pointer = published_pointer(lake, mart)
    access = _access(pointer, recorded_sql(sql, personal=pointer.personal), asked)
    if to_file:
        access.access, access.why = "export", f"--output {to_file}"
    try:
        columns, rows = query_mart(lake, mart, sql, limits)
    except BaseException as error:
        access.outcome = error.code if isinstance(error, CitylakeError) else type(error).__name__
        record_reading(lake, pointer, access)
        raise
    access.rows = len(rows)
    return Answer(columns, rows, record_reading(lake, pointer, access))


def open_recorded_mart(lake: Lake, mart: str, asked: Asked) -> OpenMart:
    """Open a mart as ``open_mart`` does; that it was opened is on record, the SQL of the connection is not.

    Raises as ``open_mart``, and QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    pointer = published_pointer(lake, mart)
    opened = open_mart(lake, mart)
    try:
        record_reading(lake, pointer, _access(pointer, "open", asked))
    except BaseException:
        opened.close()
        raise
    return opened


def _access(pointer: Pointer, request: str, asked: Asked) -> Access:
    told = f"/* {pointer.mart} {pointer.version} */ {request}"
    return Access("query", "mart", pointer.mart, told[:_MOST], reader_name(asked), asked.via, asked.why)


def reader_name(asked: Asked) -> str:
    """The name of who asks; a user of the system without a name, as in a container, may read as well."""
    try:
        return process_user(asked.user)
    except CitylakeError:
        return f"uid {os.getuid()}"


def record_reading(lake: Lake, pointer: Pointer, access: Access) -> str:
    """Store the row; return why it could not be stored, if the lake does not require it.

    Raises QUERY_NOT_RECORDED if it does.
    """
    try:
        record_access(Ledger(lake), access)
    except (OSError, DeltaError, PolarsError, CitylakeError) as error:
        # A conflict with other writers is the one error of citylake here.
        reason = (getattr(error, "strerror", None) or str(error)).strip() or type(error).__name__
        if pointer.accesses == "required":
            raise CitylakeError("QUERY_NOT_RECORDED", mart=pointer.mart, lake=lake.url, why=reason) from error
        return reason
    return ""
