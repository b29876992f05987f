"""A portal's table, page by page: by key if the portal supports it, else by offset; counted before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from citylake.pipelines.pull.connector_api import CompletenessProof, FetchProgress, LandedPart, PullState
from citylake.pipelines.pull.http.http_request import JsonPage
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.schemas.model.formats.portal_format import TABLE_PAGE_PREFIX
from citylake.schemas.words.errors import CitylakeError

PortalColumns = tuple[tuple[str, str], ...]
"""Names and types as the portal declares them; empty if it does not."""


@dataclass(frozen=True, slots=True)
class TablePage:
    """One page of a table."""

    page: JsonPage
    records: Sequence[Mapping[str, Any]]
    columns: PortalColumns
    following: PullState | None
    """The position of the next page; None after the last."""
    by_key: bool
    """Whether ``following`` is a key: then moving rows cannot be missed, and a later pull can continue there."""


class PortalTable(Protocol):
    """The interface of a portal's table."""

    key: str
    """The field that identifies a row."""
    records: str | None
    """Path of the records in a page."""

    @property
    def shown(self) -> str:
        """The portal's address, and the table."""

    @property
    def max_pages(self) -> int:
        """The largest number of pages of a pull."""

    def count(self) -> int | None:
        """The current number of rows; None if the portal only estimates it."""

    def slice(self, place: PullState | None, stored: int) -> TablePage:
        """The page at ``place``, the first if None; ``stored`` is the number of rows before it."""


@dataclass(slots=True)
class _TableReading:
    table: PortalTable
    tally: FetchProgress
    rows: RowCounter
    before: int | None
    columns: PortalColumns = ()
    place: PullState | None = None
    keyed: bool = False


def fetch_table_pages(table: PortalTable, tally: FetchProgress, before: int | None) -> Iterator[LandedPart]:
    """The head and every page; ``before``: the count at the beginning.

    Raises PAGE_REPEATED, PAGES_ENDLESS, COLUMNS_MOVED or ROWS_SHIFTED.
    """
    reading = _begin_reading(table, tally, before)
    while True:
        found = table.slice(reading.place, reading.rows.stored)
        _count_page(reading, found)
        if reading.rows.pages == 1:
            yield _table_head(table, found.columns)
        yield found.page.part(f"{TABLE_PAGE_PREFIX}{reading.rows.pages:05d}.json")
        tally.declared, tally.stored = reading.before, reading.rows.stored
        if not _next_page(reading, found):
            break
    reading.rows.settle(reading.before, table.count())


def _begin_reading(table: PortalTable, tally: FetchProgress, before: int | None) -> _TableReading:
    reading = _TableReading(table, tally, RowCounter(table.shown), before)
    if tally.cursor is not None:
        kept = tally.cursor
        reading.rows.pages, reading.rows.stored = kept["pages"], kept["stored"]
        reading.before, reading.place = kept["declared"], kept["place"]
        reading.keyed = True
        reading.columns = tuple((name, kind) for name, kind in kept["columns"])
        tally.declared, tally.stored = reading.before, reading.rows.stored
    return reading


def _count_page(reading: _TableReading, found: TablePage) -> None:
    """Count a page; if the table is found to be changing, the pull cannot be continued later."""
    key, rows = reading.table.key, reading.rows
    try:
        rows.take(found.records, [record[key] for record in found.records if key in record])
        if reading.columns and found.columns and reading.columns != found.columns:
            names = ", ".join(sorted({name for name, _ in set(reading.columns) ^ set(found.columns)}))
            raise CitylakeError("COLUMNS_MOVED", source=reading.table.shown, page=rows.pages, columns=names)
    except CitylakeError:
        reading.tally.cursor = None
        raise
    reading.columns = reading.columns or found.columns


def _next_page(reading: _TableReading, found: TablePage) -> bool:
    """Whether there is another page; sets its position, or the proof that there is none."""
    tally, rows = reading.tally, reading.rows
    tally.cursor, reading.keyed = None, reading.keyed or found.by_key
    tally.proof = _last_page_proof(reading, found)
    if tally.proof is not None:
        return False
    if rows.pages >= reading.table.max_pages:
        raise CitylakeError("PAGES_ENDLESS", source=reading.table.shown, limit=reading.table.max_pages)
    reading.place = found.following
    if found.by_key:
        told = {"pages": rows.pages, "stored": rows.stored, "declared": reading.before}
        tally.cursor = {**told, "place": found.following, "columns": [list(column) for column in reading.columns]}
    return True


def _last_page_proof(reading: _TableReading, found: TablePage) -> CompletenessProof | None:
    """Why the page is the last; None if another may follow."""
    exact = reading.before is not None
    if found.following is None:
        return "keyset" if reading.keyed else "count" if exact else "last_page"
    return "count" if exact and reading.rows.stored >= (reading.before or 0) else None


def _table_head(table: PortalTable, columns: PortalColumns) -> LandedPart:
    """The metadata of the table, which the reader of the format ``portal`` needs."""
    named = [{"name": name, "type": kind} for name, kind in columns]
    text = json.dumps({"records": table.records, "columns": named}, ensure_ascii=False)
    return LandedPart(f"{TABLE_PAGE_PREFIX}00000.json", iter((text.encode(),)))
