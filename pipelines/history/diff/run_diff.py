"""Compares two versions of a mart: rows and cells first, then what changed each cell."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb

from citylake.pipelines.blocks.memory_budget import Budget, parse_memory_size
from citylake.pipelines.history.diff.cause_cells import count_links, merged
from citylake.pipelines.history.diff.compare_tables import (
    PairedTable,
    column_differences,
    count_rows,
    pair_table,
    status_counts,
)
from citylake.pipelines.history.diff.diff_result import CellChange, MartDifference, NumberedCause, TableDifference
from citylake.pipelines.history.diff.diff_work import DiffWork
from citylake.pipelines.history.diff.event_causes import in_time_order
from citylake.pipelines.history.diff.examples import changed_cells
from citylake.pipelines.history.diff.explain_cells import CellExplainer
from citylake.pipelines.history.diff.row_filter import check_filter
from citylake.pipelines.history.diff.version_tables import AFTER, BEFORE, attach_version, version_columns
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

log = logging.getLogger(__name__)


@dataclass
class OpenDifference:
    """A comparison whose rows can still be read. ``result`` has the summary and the examples."""

    result: MartDifference
    connection: DuckDBPyConnection | None = None
    paired: Mapping[str, PairedTable] = field(default_factory=dict)
    numbers: Mapping[int, int] = field(default_factory=dict)
    """Cause, as the cells have it → its number in the result."""

    def cells(self) -> Iterator[CellChange]:
        """Every changed cell, table by table in the order of the grain."""
        for paired in self.paired.values():
            assert self.connection is not None
            yield from changed_cells(self.connection, paired, self.numbers)


@contextmanager
def run_diff(work: DiffWork, memory: str | None = None) -> Iterator[OpenDifference]:
    """Compare the versions of ``work``. Nothing is written to the lake; memory is bounded as for a query.

    Raises DIFF_VERSION_GONE, DIFF_NAME_UNKNOWN and QUERY_OUT_OF_MEMORY.
    """
    if work.before.version == work.after.version:
        yield OpenDifference(MartDifference(work.before, work.after, (), (), work.pointer.timezone))
        return
    days = workspace_days(work.registry.workspace) if work.registry else None
    made = MartEngine(work.lake, work.pointer.timezone, memory, is_workday=days)
    with made as engine, engine.room(_sql(work)) as connection:
        notes = []
        for alias, version in ((BEFORE, work.before), (AFTER, work.after)):
            if not attach_version(connection, engine, work.lake, version, alias, work.mart):
                notes.append("diff.note_curated")
        try:
            yield _Comparison(work, connection, notes).run()
        except duckdb.OutOfMemoryException as error:
            raise _out_of_memory(work, error, memory) from error


def _out_of_memory(work: DiffWork, error: Exception, memory: str | None) -> CitylakeError:
    limit_mb = parse_memory_size(memory or Budget().engine) // 1_000_000
    reason = str(error).partition("\n")[0]
    return CitylakeError("QUERY_OUT_OF_MEMORY", mart=work.after.mart, memory_mb=limit_mb, reason=reason)


def _sql(work: DiffWork) -> str:
    """The mart's SELECTs, by which the engine knows which functions it needs."""
    if work.mart is None or work.registry is None:
        return ""
    try:
        return "\n".join(plan.sql for plan in plan_mart_tables(work.mart, work.registry).values())
    except CitylakeError:
        return ""


@dataclass
class _Comparison:
    work: DiffWork
    connection: DuckDBPyConnection
    notes: list[str]

    def run(self) -> OpenDifference:
        before, after = (version_columns(self.connection, alias) for alias in (BEFORE, AFTER))
        check_filter(self.work.after.mart, self.work.chosen, _joined(before, after))
        paired = self._pair(before, after)
        explainer = CellExplainer(self.work, self.connection, paired)
        # Tables and columns that only one version has come with other declarations.
        every = sorted(before.keys() | after.keys())
        explainer.explain([name for name in every if self._has_other_shape(name, before, after)])
        counts = {name: count_links(self.connection, each) for name, each in paired.items()}
        cells = merged(counts)
        for table, causes in explainer.of_shape.items():
            for cause in causes:
                cells.setdefault(cause, {}).setdefault(table, 0)
        order = [place for place in in_time_order(explainer.causes) if place in cells]
        numbers = {place: number for number, place in enumerate(order, 1)}
        listed = tuple(NumberedCause(numbers[place], explainer.causes[place], cells[place]) for place in order)
        tables = [
            self._table(name, before, after, paired.get(name), explainer, numbers)
            for name in every
            if self._asked(name, before, after)
        ]
        notes = tuple(dict.fromkeys([*self.notes, *explainer.notes]))
        result = MartDifference(
            self.work.before, self.work.after, tuple(tables), listed, self.work.pointer.timezone, notes
        )
        return OpenDifference(result, self.connection, paired, numbers)

    def _asked(self, name: str, before: _Columns, after: _Columns) -> bool:
        day = self._day(name)
        return self.work.chosen.takes(name, {**before.get(name, {}), **after.get(name, {})}, day)

    def _day(self, name: str) -> str | None:
        mart = self.work.mart
        return mart.tables[name].day if mart and name in mart.tables else None

    def _pair(self, before: _Columns, after: _Columns) -> dict[str, PairedTable]:
        chosen = self.work.chosen
        found = {}
        for name in sorted(before.keys() & after.keys()):
            if self._asked(name, before, after):
                grain = self._grain(name, after[name])
                found[name] = pair_table(
                    self.connection, name, before[name], after[name], grain, self._day(name), chosen
                )
        return found

    def _grain(self, name: str, columns: Mapping[str, str]) -> tuple[str, ...]:
        """The declared grain; without declarations, rows are the same if every column is."""
        mart = self.work.mart
        return mart.tables[name].grain if mart and name in mart.tables else tuple(columns)

    def _has_other_shape(self, name: str, before: _Columns, after: _Columns) -> bool:
        """Whether only one version has the table, or a column of it."""
        if not self._asked(name, before, after):
            return False
        return before.get(name, {}).keys() != after.get(name, {}).keys()

    def _table(
        self,
        name: str,
        before: _Columns,
        after: _Columns,
        paired: PairedTable | None,
        explainer: CellExplainer,
        numbers: Mapping[int, int],
    ) -> TableDifference:
        old, new = (
            count_rows(self.connection, alias, name) if name in each else 0
            for alias, each in ((BEFORE, before), (AFTER, after))
        )
        causes = tuple(sorted(numbers[place] for place in explainer.of_shape.get(name, ())))
        if paired is None:
            return TableDifference(name, "added" if name in after else "removed", old, new, causes=causes)
        counts = status_counts(self.connection, paired)
        return TableDifference(
            name,
            "both",
            old,
            new,
            added=counts.get("added", 0),
            removed=counts.get("removed", 0),
            changed=counts.get("changed", 0),
            columns=column_differences(self.connection, paired),
            columns_added=tuple(each for each in after[name] if each not in before[name]),
            columns_removed=tuple(each for each in before[name] if each not in after[name]),
            causes=causes,
            traced=name in explainer.traced,
            examples=tuple(changed_cells(self.connection, paired, numbers, self.work.limit)),
        )


_Columns = Mapping[str, Mapping[str, str]]


def _joined(*parts: _Columns) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for part in parts:
        for table, columns in part.items():
            found.setdefault(table, {}).update(columns)
    return found
