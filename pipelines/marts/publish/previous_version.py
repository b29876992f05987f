"""The published version of a mart, from which rows of unchanged days are copied into the next one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import changed_table_days
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.schemas.model.mart import Mart

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

PREVIOUS_ALIAS = "earlier"


@dataclass(frozen=True, slots=True)
class PreviousVersion:
    """A published file that was built with the current declarations."""

    lake: Lake
    mart: Mart
    pointer: Pointer

    @property
    def path(self) -> str:
        """Path of the file."""
        return f"{self.lake.mart(self.mart.mart)}/{self.pointer.file}"

    def attach(self, connection: DuckDBPyConnection) -> None:
        """Attach the file read-only."""
        connection.execute(f"ATTACH {sql_literal(self.path)} AS {PREVIOUS_ALIAS} (READ_ONLY)")

    def changed(self, table: str) -> set[date] | None:
        """Return the days of ``table`` that changed since the file; None if the whole table has to be read."""
        if table not in self.pointer.tables:
            return None
        root = self.lake.curated(self.mart.mart, table)
        days = changed_table_days(self.lake, root, self.pointer.tables[table])
        if days is None or (days and self.mart.tables[table].day is None) or not self._knows(table):
            return None
        return set(days)

    def _knows(self, table: str) -> bool:
        """Return whether the table's log still contains the file's version. A recreated table starts again at 0."""
        found, version = (
            open_delta_if_exists(self.lake, self.lake.curated(self.mart.mart, table)),
            self.pointer.tables[table],
        )
        if found is None:
            return version < 0
        entry = found.history(found.version() - version + 1)[-1]
        return bool(entry["version"] == version) and self._is_same_table(table, found, entry["timestamp"])

    def _is_same_table(self, table: str, found: DeltaTable, committed_ms: float) -> bool:
        if table in self.pointer.table_ids:
            return self.pointer.table_ids[table] == str(found.metadata().id)
        # A pointer of an older version has no ids: a table that was made again has commits after the publication.
        return committed_ms <= datetime.fromisoformat(self.pointer.published_at).timestamp() * 1000

    def rest(self, table: str, changed: Collection[date]) -> str:
        """Return a SELECT of the file's rows of all days except ``changed``."""
        declared = self.mart.tables[table]
        select = (
            f"SELECT {', '.join(map(sql_identifier, declared.columns))} FROM {sql_identifier(PREVIOUS_ALIAS, table)}"
        )
        if not changed or declared.day is None:
            return select
        listed = ", ".join(f"DATE {sql_literal(day)}" for day in sorted(changed))
        return f"{select} WHERE ({sql_identifier(declared.day)} IN ({listed})) IS NOT TRUE"


def curated_table_ids(lake: Lake, mart: str, tables: Collection[str]) -> dict[str, str]:
    """Return the ids of a mart's curated tables; a table that does not exist has none."""
    opened = {name: open_delta_if_exists(lake, lake.curated(mart, name)) for name in tables}
    return {name: str(table.metadata().id) for name, table in opened.items() if table is not None}


def find_previous_version(lake: Lake, mart: Mart, built: MartBuild, before: Pointer | None) -> PreviousVersion | None:
    """Return the version ``before`` if its rows can be reused, else None.

    It needs the same fingerprint and an existing file. Not on an object store, where the file would have to be
    downloaded, and not if the file hides counts.
    """
    if before is None or before.fingerprint != built.fingerprint or not lake.local or mart.hides_counts:
        return None
    found = PreviousVersion(lake, mart, before)
    return found if lake.fs.exists(found.path) else None
