"""The ledger as the report site reads it: every table is read once, into DuckDB, and each answer keeps its SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNREAD: Final = frozenset({"files", "duplicates", "categories", "meanings", "states", "snapshots", "removals"})
"""Tables that no page reads; in the site's database they are empty."""
_MEMORY: Final = "400MB"
Answer = dict[str, Any]
"""``sql``, and ``value`` (of one number) or ``columns`` and ``rows`` (of a table): what the statement returned."""


class ReportLedger(Ledger):
    """A ledger that stands still: all pages of one build are about the same moment."""

    def __init__(self, lake: Lake, connection: DuckDBPyConnection, files: dict[str, str]) -> None:
        super().__init__(lake)
        self._connection, self._files = connection, files

    def scan(self, table: str) -> pl.LazyFrame:
        """Return a whole table as a lazy frame, in no order."""
        return pl.scan_parquet(self._files[table])

    def number(self, sql: str) -> Answer:
        """Return the one value of ``sql`` with the statement itself."""
        row = self._connection.execute(sql).fetchone()
        return {"sql": sql, "value": plain_value(row[0]) if row else None}

    def table(self, sql: str) -> Answer:
        """Return columns and rows of ``sql`` with the statement itself."""
        found = self._connection.execute(sql)
        columns = [column[0] for column in found.description or ()]
        return {"sql": sql, "columns": columns, "rows": [list(map(plain_value, row)) for row in found.fetchall()]}


@contextmanager
def open_report_ledger(lake: Lake) -> Iterator[ReportLedger]:
    """Read the ledger's tables once. DuckDB and polars then read the same copies."""
    store = LedgerStore(lake)
    with MartEngine(lake, "UTC", _MEMORY, zones=()) as engine, engine.room() as connection:
        files = {}
        for name, module in LEDGER_TABLES.items():
            rows = pl.LazyFrame(schema=module.SCHEMA) if name in UNREAD else store.scan(name)
            files[name] = f"{engine.folder}/{name}.parquet"
            rows.sink_parquet(files[name], compression="lz4")
            connection.execute(f"CREATE TABLE {sql_identifier(name)} AS FROM {sql_literal(files[name])}")
        yield ReportLedger(lake, connection, files)


def answer_entries(answer: Answer) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings."""
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def sql_list(values: Sequence[str]) -> str:
    """Return texts as the inside of ``IN (…)``; an empty list matches nothing."""
    return ", ".join(map(sql_literal, values)) or "NULL"


def sql_moment(moment: datetime) -> str:
    """Return an aware time as an SQL literal, so that a statement gives the same number tomorrow."""
    return f"TIMESTAMPTZ '{moment:%Y-%m-%d %H:%M:%S.%f%z}'"


def plain_value(value: Any) -> Any:
    """Return a value of DuckDB as the pages show it: times as ISO 8601, decimals as numbers."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return [plain_value(item) for item in value] if isinstance(value, list | tuple) else value
