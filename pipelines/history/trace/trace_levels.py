"""The levels of a trace: the row's table, then the mart tables that its rows were made from, each with its builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from citylake.pipelines.history.trace.build_commits import BuildCommit, find_build_commits
from citylake.pipelines.history.trace.readable_versions import readable_version
from citylake.pipelines.history.trace.trace_model import TableTrace
from citylake.pipelines.history.trace.trace_table import TraceTask, trace_table
from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.make.table_build import TableBuild, current_build_inputs
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from citylake.pipelines.lake.lake_zones import Lake


@dataclass(frozen=True, slots=True)
class _Step:
    work: TableBuild
    version: int
    rows: pa.Table
    columns: tuple[str, ...]


class LevelTracer:
    """Traces rows of curated tables, level by level."""

    def __init__(self, lake: Lake, registry: Registry, engine: MartEngine) -> None:
        self._lake, self._registry, self._engine = lake, registry, engine

    def work(self, mart: str, table: str) -> TableBuild:
        """One table of a mart, as builds take it."""
        declared = self._registry.marts[mart]
        return TableBuild(
            declared, table, plan_mart_tables(declared, self._registry)[table], self._registry, self._lake
        )

    def readable(self, work: TableBuild, version: int) -> int:
        """The version of a curated table, or the next one of which the files are there; -1: there is no table."""
        return readable_version(self._lake, work.root, version, None, None)

    def levels(
        self, work: TableBuild, version: int, rows: pa.Table, columns: tuple[str, ...], published: Mapping[str, int]
    ) -> Iterator[TableTrace]:
        """Yield a trace for each build that made some of the rows, then for those of the tables that it read.

        ``published``: the versions of the inputs if the table's log does not say from which it was built.
        """
        waiting = [_Step(work, version, rows, columns)]
        while waiting:
            step = waiting.pop(0)
            found: dict[tuple[str, int], list[pa.Table]] = {}
            for task in self._tasks(step, published):
                trace = trace_table(self._engine, task)
                yield trace
                for each in trace.inputs:
                    if each.kind == "mart" and each.count:
                        found.setdefault((each.name, each.version), []).append(each.table)
            waiting += [self._next(name, at, tables) for (name, at), tables in found.items()]
            published = {}

    def _next(self, name: str, version: int, tables: Sequence[pa.Table]) -> _Step:
        _, mart, table = name.split(".")
        work = self.work(mart, table)
        every = pa.concat_tables(tables, promote_options="permissive")
        places = pl.DataFrame(every.select(list(work.table.grain))).with_row_index("_place")
        once = places.unique(list(work.table.grain), keep="first", maintain_order=True)["_place"]
        return _Step(work, version, every.take(once.to_arrow()), tuple(work.table.columns))

    def _tasks(self, step: _Step, published: Mapping[str, int]) -> Iterator[TraceTask]:
        work, table = step.work, step.work.table
        days: list[date | None] = step.rows[table.day].to_pylist() if table.day else [None] * step.rows.num_rows
        held = open_delta(self._lake, work.root, step.version)
        known = find_build_commits(open_delta(self._lake, work.root), step.version, set(days))
        groups: dict[int, tuple[BuildCommit, list[int]]] = {}
        for place, day in enumerate(days):
            commit = known[day] or self._unknown_build(work, published)
            groups.setdefault(commit.version, (commit, []))[1].append(place)
        for commit, places in groups.values():
            own = sorted({day for day in (days[place] for place in places) if day is not None})
            whole = table.day is None or any(days[place] is None for place in places)
            rows = step.rows.take(places)
            every = set(step.columns) == set(table.columns)
            yield TraceTask(work, held, rows, None if whole else tuple(own), commit, step.columns, every)

    def _unknown_build(self, work: TableBuild, published: Mapping[str, int]) -> BuildCommit:
        """A build that the log does not have: as if the inputs of the publication, else the present ones, were read."""
        now: dict[str, Any] = dict(current_build_inputs(work).versions)
        versions = {name: published.get(name, at) for name, at in now.items()}
        return BuildCommit(-1, "", versions, None)
