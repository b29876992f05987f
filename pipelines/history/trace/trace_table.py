"""Finds the rows from which one build made rows of a mart table, and runs its SELECT over them alone to prove it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import duckdb

from citylake.pipelines.history.trace.annotate_select import ROWS, annotated_select
from citylake.pipelines.history.trace.build_commits import BuildCommit
from citylake.pipelines.history.trace.input_rows import InputRows, place_of
from citylake.pipelines.history.trace.prune_select import pruned_select
from citylake.pipelines.history.trace.select_tree import SelectUnreadableError, Tree, read_tree
from citylake.pipelines.history.trace.trace_model import TableTrace, TraceScope
from citylake.pipelines.history.trace.wanted_rows import WantedRows
from citylake.pipelines.lake.duckdb_timeout import interrupt_after
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier
from citylake.pipelines.marts.make.rebuild_days import days_to_read
from citylake.pipelines.marts.make.table_build import TableBuild, current_build_inputs, stored_columns
from citylake.schemas.sql.mart_lineage import MartLineage

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from duckdb import DuckDBPyConnection

_SECONDS: Final = 120.0
"""The longest time of one attempt to find exact rows; all rows of the days are then taken."""


@dataclass(frozen=True, slots=True)
class TraceTask:
    """Rows of one table that one build made."""

    work: TableBuild
    held: DeltaTable
    """The curated table as the traced version has it."""
    rows: pa.Table
    days: tuple[date, ...] | None
    """The days of the rows; None if the table has no days, or a row has none."""
    build: BuildCommit
    columns: tuple[str, ...]
    """The columns whose values are traced, with the grain."""
    whole_row: bool


@dataclass(frozen=True, slots=True)
class _Chosen:
    scope: TraceScope
    numbers: frozenset[int]
    whole: frozenset[int]
    differing: tuple[str, ...] | None

    @property
    def verified(self) -> bool:
        return self.differing == ()


def trace_table(engine: MartEngine, task: TraceTask) -> TableTrace:
    """Return the rows of the inputs. Raises MART_COLUMNS_DIFFER if the SELECT returns other columns than declared.

    First the declared days are read, as far back as ``lookback_days``; if these do not give the value, what the build
    read.
    """
    made: list[TableTrace] = []
    for days in _days_read(task):
        made.append(_traced(engine, task, days))
        if made[-1].verified:
            return made[-1]
    return next((each for each in made if each.differing), made[0])


def _days_read(task: TraceTask) -> Iterator[set[date] | None]:
    table = task.work.table
    first = days_to_read(table, task.days)
    built = days_to_read(table, task.build.days)
    yield first
    if built != first and first is not None:
        yield built


def _traced(engine: MartEngine, task: TraceTask, days: set[date] | None) -> TableTrace:
    with engine.room(task.work.planned.sql) as connection:
        inputs = InputRows(connection, task.work, task.build.versions, days)
        search = _Search(connection, task, inputs)
        chosen = search.best()
        inputs.show_chosen(chosen.numbers, chosen.whole)
        found = tuple(inputs.traced(chosen.numbers, chosen.whole))
    work = task.work
    return TableTrace(
        *(work.mart.mart, work.name, task.rows, task.build.version, found, chosen.verified, chosen.scope),
        differing=tuple(task.columns) if chosen.differing is None else chosen.differing,
        redeclared=current_build_inputs(work).fingerprint != task.build.fingerprint,
    )


class _Search:
    """Tries sets of rows, the smallest first, until the SELECT makes the traced rows of one."""

    def __init__(self, connection: DuckDBPyConnection, task: TraceTask, inputs: InputRows) -> None:
        self._connection, self._task, self._inputs = connection, task, inputs
        inputs.show_numbered()
        self._wanted = WantedRows(connection, task.rows, task.work.table.grain)
        inputs.show_chosen((), [each.place for each in inputs.inputs])
        self._terms = stored_columns(connection, task.work, task.held)

    def best(self) -> _Chosen:
        """Return the smallest set that makes the rows; if none does, the one that was found exactly, or all."""
        tried: list[_Chosen] = []
        for chosen in self._sets():
            tried.append(chosen)
            if chosen.verified:
                return chosen if self._task.whole_row else self._narrowed(chosen)
        return tried[0]

    def _narrowed(self, chosen: _Chosen) -> _Chosen:
        """Without the inputs that only other columns of the row come from, where the value stays the same."""
        for place in self._inputs.places_besides(self._value_inputs()):
            numbers = frozenset(each for each in chosen.numbers if place_of(each) != place)
            whole = chosen.whole - {place}
            if (len(numbers), whole) == (len(chosen.numbers), chosen.whole):
                continue
            fewer = self._judged(chosen.scope, numbers, whole)
            chosen = fewer if fewer.verified else chosen
        return chosen

    def _value_inputs(self) -> set[str]:
        """The inputs that the traced values come from; all if the SELECT does not tell, as for a count of rows."""
        work, every = self._task.work, {each.full_name for each in self._inputs.inputs}
        made = MartLineage(work.registry).made(work.mart.mart, work.name)
        values = [name for name in self._task.columns if name not in work.table.grain]
        origins = [{table for table, _ in made.columns.get(name, ())} for name in values] if made.followed else []
        return set().union(*origins) if origins and all(origins) else every

    def _sets(self) -> Iterator[_Chosen]:
        found: list[frozenset[int]] = []
        for scope, numbers in self._exact():
            if numbers not in found:
                found.append(numbers)
                yield self._judged(scope, numbers)
        for place in sorted(self._inputs.available().items(), key=lambda item: item[1]) if found else ():
            yield self._judged("inputs", found[0], {place[0]})
        yield self._judged("all", (), {each.place for each in self._inputs.inputs})

    def _exact(self) -> Iterator[tuple[TraceScope, frozenset[int]]]:
        """Yield the numbers of the rows as the rewritten SELECT lists them."""
        self._inputs.show_numbered()
        try:
            tree = read_tree(self._connection, self._task.work.planned.sql)
        except SelectUnreadableError:
            return
        attempts: list[tuple[TraceScope, Tree, dict[str, Any]]] = []
        if not self._task.whole_row:
            pruned = pruned_select(self._connection, tree, self._task.columns)
            if pruned:
                attempts += [("exact", pruned, {"only_filtered": True}), ("exact", pruned, {})]
        attempts += [("exact", tree, {}), ("partitions", tree, {"wide": True})]
        for scope, each, options in attempts:
            numbers = self._listed(each, options)
            if numbers is not None:
                yield scope, numbers

    def _listed(self, tree: Tree, options: dict[str, Any]) -> frozenset[int] | None:
        """The numbers of the rows; None if the rewritten SELECT cannot be run."""
        self._inputs.show_numbered()
        try:
            with interrupt_after(self._connection, min(_SECONDS, self._task.work.mart.timeout_s)):
                select = annotated_select(self._connection, tree, **options)
                keys = self._columns(self._task.work.table.grain)
                listed = self._wanted.among(f"SELECT {keys}, {ROWS} FROM ({select})", ROWS)
                rows = self._connection.execute(f"SELECT DISTINCT unnest({ROWS}) FROM ({listed})").fetchall()
        except (duckdb.Error, SelectUnreadableError):
            return None
        return frozenset(int(number) for (number,) in rows)

    def _judged(self, scope: TraceScope, numbers: Collection[int], whole: Collection[int] = ()) -> _Chosen:
        """Run the table's SELECT over these rows alone."""
        self._inputs.show_chosen(numbers, whole)
        task = self._task
        select = f"SELECT {self._columns(self._terms)} FROM ({task.work.planned.sql}\n)"
        compared = [name for name in task.columns if name in task.work.table.columns]
        try:
            with interrupt_after(self._connection, task.work.mart.timeout_s):
                differing = self._wanted.differing(select, compared)
        except duckdb.Error:
            differing = None
        found = None if differing is None else tuple(differing)
        return _Chosen(scope, frozenset(numbers), frozenset(whole), found)

    def _columns(self, names: Iterable[str]) -> str:
        return ", ".join(f"{self._terms[name]} AS {sql_identifier(name)}" for name in names)
