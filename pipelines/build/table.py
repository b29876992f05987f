"""One table of a mart: what it reads, which of its days are stale, and how they are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from deltalake.exceptions import DeltaError

import schemas
from pipelines.build import curated, shape
from pipelines.build.days import Basis, days_to_read, stale_days
from pipelines.build.engine import Engine, quoted
from pipelines.build.plan import TablePlan
from pipelines.build.views import curated_view, empty_view, standard_view, version_of
from pipelines.lake import Lake
from pipelines.ledger.changes import Changed, changed_since, united
from schemas.faults import CitylakeError
from schemas.mart import Mart, MartTable
from schemas.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Work:
    """One table being built."""

    mart: Mart
    name: str
    planned: TablePlan
    registry: Registry
    lake: Lake

    @property
    def table(self) -> MartTable:
        """Its declaration."""
        return self.mart.tables[self.name]

    @property
    def root(self) -> str:
        """Its curated Delta table."""
        return self.lake.curated(self.mart.mart, self.name)

    @property
    def tables_read(self) -> list[tuple[str, str]]:
        """The mart tables that it reads, as (mart, table)."""
        return sorted({(self.mart.mart, name) for name in self.planned.siblings} | self.planned.foreign)

    def roots(self) -> dict[str, str]:
        """Input → the root of its Delta table."""
        found = {dataset: self.lake.standard(dataset) for dataset in sorted(self.planned.datasets)}
        return found | {f"mart.{mart}.{table}": self.lake.curated(mart, table) for mart, table in self.tables_read}


def made_from(work: Work) -> Basis:
    """What the table would be made from now."""
    return Basis(_fingerprint(work), {name: version_of(work.lake, root) for name, root in work.roots().items()})


def stale(work: Work, now: Basis, *, full: bool) -> Changed | None:
    """The days to make again; None: all of the table."""
    before = curated.basis(work.lake, work.root)
    if full or before is None or before.fingerprint != now.fingerprint or before.versions.keys() != now.versions.keys():
        return None
    changed = (changed_since(work.lake, root, before.versions[name]) for name, root in work.roots().items())
    return stale_days(work.table, changed, before.pending)


def news(work: Work, stale: Changed | None) -> Changed:
    """Since when each day has news; of a table that is made whole, as far as its inputs' logs tell."""
    if stale is not None:
        return stale
    told = (changed_since(work.lake, root, -1) for root in work.roots().values())
    return united([days for days in told if days is not None]) or {}


def make(work: Work, now: Basis, days: tuple[date, ...] | None, engine: Engine) -> None:
    """Make ``days`` of the table (None: all but those that ``now`` leaves pending).

    Raises MART_SQL_FAILED and MART_COLUMNS_DIFFER.
    """
    with engine.room() as connection:
        _offer(connection, work, days_to_read(work.table, days))
        try:
            rows = connection.execute(_select(connection, work, days, now.pending)).to_arrow_reader(65_536)
            curated.replace(work.lake, work.root, rows, now, work.table.day, days)
        except (duckdb.Error, DeltaError) as error:
            raise CitylakeError("MART_SQL_FAILED", file=work.planned.file, reason=str(error)) from error


def _offer(connection: DuckDBPyConnection, work: Work, days: set[date] | None) -> None:
    for dataset in sorted(work.planned.datasets):
        standard_view(connection, work.lake, work.registry, dataset, days)
    for dataset in sorted(work.planned.absent):
        empty_view(connection, work.registry, work.mart, dataset)
    for mart, table in work.tables_read:
        name = (table,) if mart == work.mart.mart else ("mart", mart, table)
        curated_view(connection, work.lake, work.registry, (mart, table), name, days)


def _select(
    connection: DuckDBPyConnection, work: Work, days: tuple[date, ...] | None, pending: Mapping[date, datetime]
) -> str:
    """The table's SELECT with its columns in the declared order and types, for ``days``, or all but ``pending``."""
    select = f"({work.planned.sql}\n)"
    made = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {select}").fetchall()}
    declared = work.table.columns
    if made.keys() != declared.keys():
        raise CitylakeError(
            "MART_COLUMNS_DIFFER",
            table=work.name,
            missing=", ".join(name for name in declared if name not in made) or "—",
            extra=", ".join(name for name in made if name not in declared) or "—",
            suggestion=", ".join(made),
        )
    kinds = shape.of_table(work.table, work.registry, made)
    columns = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in kinds.items())
    query = f"SELECT {columns} FROM {select}"
    if work.table.day is None or (days is None and not pending):
        return query
    listed = ", ".join(f"DATE '{day.isoformat()}'" for day in (pending if days is None else days))
    day = quoted(work.table.day)
    # A row without a day waits for nobody.
    chosen = f"coalesce({day} NOT IN ({listed}), true)" if days is None else f"{day} IN ({listed})"
    return f"SELECT * FROM ({query}) WHERE {chosen}"


def _fingerprint(work: Work) -> str:
    """Everything that decides what the table's rows become, but its inputs."""
    elements = [column.element for column in work.table.columns.values() if column.element]
    types = {element: work.registry.elements[element].type for element in elements}
    rules = work.table.model_dump_json(exclude={"title", "checks", "grain"})
    indices = [path.read_text(encoding="utf-8") for path in sorted((_schemas() / "indices").glob("*.yaml"))]
    timezone = work.registry.workspace.settings.timezone
    writes = (work.registry.contracts[name].write for name in sorted(work.planned.datasets))
    hidden = [write.deleted.model_dump_json() for write in writes if write.deleted]
    return _sha256(work.planned.sql, rules, json.dumps(types, sort_keys=True), timezone, *indices, *hidden)


def _schemas() -> Path:
    return Path(schemas.__file__).parent


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
