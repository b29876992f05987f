"""The standard rows that one batch added, removed and changed, by the contract's key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from citylake.pipelines.history.diff.compare_tables import SCHEMA
from citylake.pipelines.history.diff.event_days import is_by_day
from citylake.pipelines.history.diff.input_events import InputEvent
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.delta_views import create_delta_view
from citylake.pipelines.marts.make.duckdb_types import standard_table_types
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PROVENANCE = ("_batch", "_receipt", "_row", "_source", "_warnings")


@dataclass(frozen=True, slots=True)
class ChangedRows:
    """Rows of one day, receipt, kind of change and act. ``receipt``: that of the new row, or of the removed one."""

    day: date | None
    receipt: str
    status: str
    act: str | None
    rows: int


def changed_standard_rows(
    connection: DuckDBPyConnection,
    lake: Lake,
    registry: Registry,
    event: InputEvent,
    act_rows: Iterable[tuple[str, int, str]],
) -> list[ChangedRows]:
    """Count the rows that differ after a batch. ``act_rows``: receipt, row and act of rows that people decided about.

    Only the days of the batch are read. Raises DeltaError, OSError and duckdb.Error if the files are gone.
    """
    contract = registry.contracts[event.input]
    shape = standard_table_types(contract, registry)
    day = "_day" if "_day" in shape else None
    days = event.days if is_by_day(event.input, registry) else None
    root, version = lake.standard(event.input), event.versions[event.input]
    for name, at in (("old", event.before), ("new", version)):
        create_delta_view(connection, lake, (SCHEMA, name), root, shape, day, days, once=True, version=at)
    _store_acts(connection, act_rows)
    rows = connection.execute(_changes_sql(connection, contract, day)).fetchall()
    return [ChangedRows(*row) for row in rows]


def _store_acts(connection: DuckDBPyConnection, act_rows: Iterable[tuple[str, int, str]]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {SCHEMA}.acts (receipt VARCHAR, number BIGINT, act VARCHAR)")
    values = [f"({sql_literal(receipt)}, {row}, {sql_literal(act)})" for receipt, row, act in act_rows]
    if values:
        connection.execute(f"INSERT INTO {SCHEMA}.acts VALUES {', '.join(values)}")


def _changes_sql(connection: DuckDBPyConnection, contract: Contract, day: str | None) -> str:
    columns = [_columns(connection, name) for name in ("old", "new")]
    key = _row_key(contract, columns)
    values = [name for name in columns[1] if name in columns[0] and name not in (*_PROVENANCE, *key)]
    same = " AND ".join(f"o.{name} IS NOT DISTINCT FROM n.{name}" for name in map(sql_identifier, key))
    differs = " OR ".join(f"o.{name} IS DISTINCT FROM n.{name}" for name in map(sql_identifier, values)) or "false"
    told = f"coalesce(n.{day}, o.{day})" if day else "NULL::DATE"
    status = "CASE WHEN o._receipt IS NULL THEN 'added' WHEN n._receipt IS NULL THEN 'removed' ELSE 'changed' END"
    return (
        f"SELECT day, receipt, status, act, count(*) FROM (SELECT {told} AS day, {status} AS status,"
        f" coalesce(n._receipt, o._receipt) AS receipt, (SELECT max(act) FROM {SCHEMA}.acts"
        "  WHERE (acts.receipt = n._receipt AND acts.number = n._row) OR (n._receipt IS NULL AND"
        "  acts.receipt = o._receipt AND acts.number = o._row)) AS act"
        f" FROM {SCHEMA}.old o FULL JOIN {SCHEMA}.new n ON {same}"
        f" WHERE o._receipt IS NULL OR n._receipt IS NULL OR {differs}) GROUP BY ALL ORDER BY ALL"
    )


def _row_key(contract: Contract, columns: Sequence[Sequence[str]]) -> list[str]:
    write = contract.write
    key = [*write.key, *((write.valid.start,) if write.valid else ())]
    if write.mode == "snapshot" and write.valid is None:
        key.append("valid_from")
    known = [name for name in key if all(name in each for each in columns)]
    return known if known and write.mode != "append" else ["_receipt", "_row"]


def _columns(connection: DuckDBPyConnection, name: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {SCHEMA}.{name}").fetchall()]
