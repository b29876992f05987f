"""The inputs of one mart table in a DuckDB room, with a number for each row, of which some can be shown alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

import duckdb
import pyarrow as pa

from citylake.pipelines.commit.table_schema import table_partition_column
from citylake.pipelines.history.trace.annotate_select import ROWS
from citylake.pipelines.history.trace.called_names import called_names
from citylake.pipelines.history.trace.readable_versions import readable_version
from citylake.pipelines.history.trace.trace_model import TracedInput
from citylake.pipelines.marts.make.mart_engine import ROOM, sql_identifier
from citylake.pipelines.marts.make.rebuild_days import BuildInputs
from citylake.pipelines.marts.make.shifted_days import partition_days
from citylake.pipelines.marts.make.table_build import TableBuild, create_input_views
from citylake.schemas.model.entity import ENTITY_SCHEMA

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS: Final = 100_000
"""Rows of an input that are returned; of more, only the number."""
_NUMBER: Final = "_trace_number"
_SHIFT: Final = 40
"""Bits of a number that count the rows of one input; those above count the inputs."""
_CHOSEN: Final = f"{ROOM}._trace.chosen"


@dataclass(frozen=True, slots=True)
class _Input:
    place: int
    full_name: str
    kind: Literal["dataset", "mart", "entity"]
    name: tuple[str, ...]
    """As the SQL writes it."""
    version: int
    instead_of: int | None
    days: tuple[date, ...] | None
    declared: bool = True

    @property
    def table(self) -> str:
        return f"{ROOM}._trace.input_{self.place}"


class InputRows:
    """The inputs of ``work`` as a build read them: in ``versions``, of the days ``days`` (None: all)."""

    def __init__(
        self, connection: DuckDBPyConnection, work: TableBuild, versions: Mapping[str, int], days: set[date] | None
    ) -> None:
        self._connection = connection
        self.inputs = tuple(_inputs(work, versions, days))
        read = {each.full_name: each.version for each in self.inputs}
        create_input_views(connection, work, BuildInputs("", read), days)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {ROOM}._trace")
        called = called_names(connection, work.planned.sql)
        for each in self.inputs:
            number = f"row_number() OVER () + {each.place << _SHIFT}"
            source = sql_identifier(*each.name)
            columns = ", ".join(self._columns(each, work, called))
            connection.execute(
                f"CREATE OR REPLACE TABLE {each.table} AS SELECT {number} AS {_NUMBER}, {columns} FROM {source}"
            )
            for kind in ("VIEW", "TABLE"):
                with suppress(duckdb.Error):
                    connection.execute(f"DROP {kind} IF EXISTS {source}")

    def _columns(self, each: _Input, work: TableBuild, called: Collection[str] | None) -> list[str]:
        """The columns that are needed: those that the SELECT may read, the key, and the origin of standard rows."""
        if called is None or each.kind != "dataset" or not each.declared:
            return ["*"]
        contract = work.registry.contracts.get(each.full_name)
        kept = {*called, *(contract.write.key if contract else ())}
        names = self._connection.execute(f"DESCRIBE {sql_identifier(*each.name)}").fetchall()
        return [sql_identifier(name) for name, *_ in names if name.startswith("_") or name.casefold() in kept]

    def show_numbered(self) -> None:
        """Let the SQL see all rows, with the column ``ROWS``."""
        for each in self.inputs:
            self._view(each, f"SELECT * EXCLUDE ({_NUMBER}), [{_NUMBER}] AS {ROWS} FROM {each.table}")

    def show_chosen(self, numbers: Collection[int], whole: Collection[int] = ()) -> None:
        """Let the SQL see the rows with these numbers, and all rows of the inputs at the places ``whole``."""
        chosen = pa.table({"chosen_number": pa.array(list(numbers), pa.int64())})
        self._connection.register("_trace_arrow", chosen)
        self._connection.execute(f"CREATE OR REPLACE TABLE {_CHOSEN} AS SELECT * FROM _trace_arrow")
        self._connection.unregister("_trace_arrow")
        for each in self.inputs:
            chosen = "" if each.place in whole else f" WHERE {_NUMBER} IN (FROM {_CHOSEN})"
            self._view(each, f"SELECT * EXCLUDE ({_NUMBER}) FROM {each.table}{chosen}")

    def places_besides(self, names: Collection[str]) -> list[int]:
        """Return the places of all other inputs than these."""
        return [each.place for each in self.inputs if each.full_name not in names]

    def available(self) -> dict[int, int]:
        """Return the number of rows by the input's place."""
        return {each.place: self._count(f"FROM {each.table}") for each in self.inputs}

    def traced(self, numbers: Collection[int], whole: Collection[int]) -> Iterator[TracedInput]:
        """Yield what was found of each declared input. ``show_chosen`` must have been called with the same ones."""
        for each in self.inputs:
            if not each.declared:
                continue
            chosen = "" if each.place in whole else f" WHERE {_NUMBER} IN (FROM {_CHOSEN})"
            rows = self._connection.execute(
                f"SELECT * EXCLUDE ({_NUMBER}) FROM {each.table}{chosen} ORDER BY {_NUMBER} LIMIT {MOST_ROWS}"
            ).to_arrow_table()
            found = self._count(f"FROM {each.table}{chosen}")
            available = self._count(f"FROM {each.table}")
            yield TracedInput(
                each.full_name,
                each.kind,
                each.version,
                rows,
                found,
                available,
                each.days,
                each.instead_of,
                each.place in whole,
            )

    def _view(self, each: _Input, select: str) -> None:
        self._connection.execute(f"CREATE OR REPLACE VIEW {sql_identifier(*each.name)} AS {select}")

    def _count(self, source: str) -> int:
        found = self._connection.execute(f"SELECT count(*) {source}").fetchone()
        return int(found[0]) if found else 0


def place_of(number: int) -> int:
    """Return the place of the input that a row's number belongs to."""
    return number >> _SHIFT


def _inputs(work: TableBuild, versions: Mapping[str, int], days: set[date] | None) -> Iterator[_Input]:
    place = 0
    registry, roots = work.registry, work.roots()
    for full_name, root in roots.items():
        by_day: str | None = None
        read: set[date] | None = None
        kind: Literal["dataset", "mart", "entity"] = "entity"
        name: tuple[str, ...] = tuple(full_name.split("."))
        if full_name in work.planned.datasets:
            kind, read = "dataset", partition_days(full_name, registry, days)
            by_day = "_day" if table_partition_column(registry.contracts[full_name]) == "_day" else None
        elif name[0] != ENTITY_SCHEMA:
            kind, read = "mart", days
            by_day = registry.marts[name[1]].tables[name[2]].day
            name = name[2:] if name[1] == work.mart.mart else name
        wanted = versions.get(full_name, -1)
        version = readable_version(work.lake, root, wanted, by_day, read)
        partitions = tuple(sorted(read)) if read is not None and by_day else None
        yield _Input(place, full_name, kind, name, version, None if version == wanted else wanted, partitions)
        place += 1
    for absent in sorted(work.planned.absent):
        yield _Input(place, absent, "dataset", tuple(absent.split(".")), -1, None, None, declared=False)
        place += 1
