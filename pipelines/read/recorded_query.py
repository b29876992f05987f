"""Queries of marts that are on record: each leaves one row in the ledger's ``accesses``, also one that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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

_ANY_TIME = nullcontext()
_MOST = 10_000
"""Characters of a request that are kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of a query."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    unrecorded: str
    """Why the query is not on record; empty if it is."""
    more: bool = False
    """Whether there are more rows than were asked for."""


def ask_mart(
    lake: Lake,
    mart: str,
    sql: str,
    asked: Asked,
    limits: QueryLimits | None = None,
    *,
    to_file: str = "",
    most: int | None = None,
) -> Answer:
    """Run ``sql`` over the published version of a mart, and record it before anything is returned.

    ``to_file``: where the result goes, if it leaves the lake as a file; it is then on record as an export.
    ``most``: rows that are returned.

    Raises as ``query_mart``, and QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    with on_record(lake, published_pointer(lake, mart), sql, asked) as record:
        if to_file:
            record.access.access, record.access.why = "export", f"--output {to_file}"
        columns, rows = query_mart(lake, mart, sql, limits, None if most is None else most + 1)
        more = most is not None and len(rows) > most
        if more:
            del rows[most:]
        record.access.rows = len(rows)
    return Answer(columns, rows, record.unrecorded, more)


@dataclass(slots=True)
class Recorded:
    """What :func:`on_record` yields: the row to be, in which ``rows`` is set, and why it could not be stored."""

    access: Access
    unrecorded: str = ""


@contextmanager
def on_record(
    lake: Lake, pointer: Pointer, sql: str, asked: Asked, turn: AbstractContextManager[Any] = _ANY_TIME
) -> Iterator[Recorded]:
    """Record the query that runs in the block, when it ends: with the error's code as outcome if it raises.

    ``turn``: held while the row is written, as a lock of a process with many readers, whose commits would conflict.

    Raises what the block raises, and QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    found = Recorded(_access(pointer, recorded_sql(sql, personal=pointer.personal), asked))
    try:
        yield found
    except BaseException as error:
        found.access.outcome = error.code if isinstance(error, CitylakeError) else type(error).__name__
        with turn:
            record_reading(lake, pointer, found.access)
        raise
    with turn:
        found.unrecorded = record_reading(lake, pointer, found.access)


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


def recorded_reading(lake: Lake, pointer: Pointer, request: str, asked: Asked, *, to_file: str = "") -> str:
    """Record that a mart is read in another way than by SQL; return why it is not on record, or an empty text.

    ``request``: what is read, without values of persons. ``to_file``: where it goes, if it leaves the lake as a file.
    Raises QUERY_NOT_RECORDED if the lake requires the record and it cannot be written.
    """
    access = _access(pointer, request, asked)
    if to_file:
        access.access, access.why = "export", f"--output {to_file}"
    return record_reading(lake, pointer, access)


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
