"""Two numbers of one mart whose difference tells what each of them hides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from citylake.pipelines.marts.leaks.leak_walk import GroupedRows
from citylake.pipelines.marts.leaks.mart_leaks import TableLeaks
from citylake.pipelines.marts.plan.mart_binder import BoundMart
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.read.registry import YamlLocation


@dataclass(frozen=True, slots=True)
class _Told:
    """Numbers of a table: aggregates that a guard lowers (``lowered``), others, or single rows."""

    table: str
    rows: GroupedRows
    lowered: bool


def check_differences(
    bound: BoundMart, found: Mapping[str, TableLeaks], read: Mapping[str, TableLeaks]
) -> Iterator[LintFault]:
    """Yield a fault for two groupings of one sensitive column, and for one column generalised in two ways.

    Groupings of the same rows by the same keys tell the same groups, whatever is summed. All others are refused: of
    groups that differ by one person, the difference is that person. Where rows are chosen or grouped by a sensitive
    column, every other count of the dataset is such a number too. ``read``: the tables of other marts that it reads.
    """
    told = [each for table, leaks in (*read.items(), *found.items()) for each in _told(table, leaks)]
    for first, second in combinations(told, 2):
        if first.rows.form != second.rows.form and (sources := _shared(first, second)):
            yield _fault(bound, first, second, sources)
    yield from _generalised(bound, {**found, **read})


def _told(table: str, leaks: TableLeaks) -> Iterator[_Told]:
    for number, rows in leaks.grouped.items():
        yield _Told(table, rows, number in leaks.released and bool(rows.sources))
    if leaks.rows_of:
        yield _Told(table, GroupedRows(leaks.form, leaks.rows_of), lowered=False)


def _shared(first: _Told, second: _Told) -> frozenset[str]:
    """What both tell about; empty if nothing follows from their difference."""
    if first.lowered and second.lowered and (both := first.rows.sources & second.rows.sources):
        return both
    for one, other in ((first, second), (second, first)):
        if one.lowered and one.rows.selective and one.rows.datasets & other.rows.datasets:
            return one.rows.sources
    return frozenset()


def _fault(bound: BoundMart, first: _Told, second: _Told, sources: frozenset[str]) -> LintFault:
    values = {
        "table": second.table,
        "other": first.table,
        "first": first.rows.line or 1,
        "source": ", ".join(sorted(sources)),
        "mart": bound.mart.mart,
    }
    own = second.table in bound.plans
    line = (second.rows.line if own else None) or 1
    return LintFault("MART_LEAK_DIFFERENCE", YamlLocation(_file(bound, second.table)), values, line)


def _file(bound: BoundMart, table: str) -> Path:
    """The file of a table; of a table of another mart, the first one that may read it."""
    plans = bound.plans
    return plans[table].file if table in plans else next(each.file for each in plans.values() if each.foreign)


def _generalised(bound: BoundMart, found: Mapping[str, TableLeaks]) -> Iterator[LintFault]:
    ways = dict[str, set[str]]()
    for table, leaks in found.items():
        for source, used in sorted(leaks.generalised.items()):
            before = ways.setdefault(source, set())
            if len(before) < 2 <= len(before | used):
                values = {"table": table, "source": source, "mart": bound.mart.mart}
                yield LintFault("MART_LEAK_GENERALISED", YamlLocation(_file(bound, table)), values, 1)
            before |= used
