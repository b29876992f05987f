"""Reads the counts of one exact table, and finds which of its rows add up to which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.schemas.model.mart import MartTable
from citylake.schemas.model.suppression import Suppression
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Pattern = frozenset[str]
"""The columns of a row that hold the code of a total."""
Key = tuple[str | None, ...]
_MOST = 10**12
"""Counts above are no counts of people or cases, and no solver adds them exactly."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """One row: its position in the table, its other columns as text, its counts, and which columns are totals."""

    row: int
    dims: Mapping[str, str | None]
    counts: Mapping[str, int]
    pattern: Pattern

    def key(self, columns: Iterable[str]) -> Key:
        """Return the values of ``columns``."""
        return tuple(self.dims[column] for column in columns)


@dataclass(frozen=True, slots=True)
class TableCounts:
    """The counts of one table of the mart ``mart``."""

    mart: str
    name: str
    table: MartTable
    rule: Suppression
    rows: Sequence[CountRow]

    @property
    def patterns(self) -> set[Pattern]:
        """The patterns that the table has."""
        return {row.pattern for row in self.rows}

    def of_pattern(self, pattern: Pattern) -> list[CountRow]:
        """Return the rows of one pattern."""
        return [row for row in self.rows if row.pattern == pattern]

    def row_sums(self) -> Iterator[tuple[CountRow, list[CountRow]]]:
        """Yield each row of totals with the rows that it adds up: those with as many totals as there are, but fewer."""
        patterns = self.patterns
        for above in patterns:
            for below in _next_below(above, patterns):
                kept = [column for column in self.table.grain if column not in above - below]
                yield from sums_of_rows(self.of_pattern(above), self.of_pattern(below), kept)

    def lowest(self) -> list[tuple[Pattern, list[CountRow]]]:
        """Return the rows that are the sum of no other rows of the table, by pattern."""
        patterns = self.patterns
        return [(each, self.of_pattern(each)) for each in patterns if not _next_below(each, patterns)]


def _next_below(pattern: Pattern, patterns: Iterable[Pattern]) -> list[Pattern]:
    below = [each for each in patterns if each < pattern]
    return sorted((each for each in below if not any(each < other for other in below)), key=sorted)


def sums_of_rows(
    above: Iterable[CountRow], below: Iterable[CountRow], kept: Sequence[str]
) -> Iterator[tuple[CountRow, list[CountRow]]]:
    """Yield each row of ``above`` with the rows of ``below`` that have the same values in ``kept``."""
    groups: dict[Key, list[CountRow]] = {}
    for row in below:
        groups.setdefault(row.key(kept), []).append(row)
    for row in above:
        yield row, groups.get(row.key(kept), [])


def read_table_counts(
    connection: DuckDBPyConnection, mart: str, name: str, table: MartTable, rule: Suppression, columns: Iterable[str]
) -> TableCounts:
    """Read the counts of ``exact.<name>``, with its grain and ``columns``. Raises SMALL_CELLS_NOT_COUNTS."""
    dims = [*table.grain, *(column for column in columns if column not in table.grain)]
    _require_counts(connection, mart, name, rule)
    texts = ", ".join(f"CAST({sql_identifier(column)} AS VARCHAR)" for column in dims)
    counts = ", ".join(f"CAST({sql_identifier(column)} AS BIGINT)" for column in rule.columns)
    order = ", ".join(map(sql_identifier, table.grain))
    sql = f"SELECT rowid, {texts}, {counts} FROM {sql_identifier('exact', name)} ORDER BY {order}"
    rows = [_count_row(found, dims, rule) for found in connection.execute(sql).fetchall()]
    return TableCounts(mart, name, table, rule, rows)


def _count_row(found: Sequence[object], dims: Sequence[str], rule: Suppression) -> CountRow:
    row, *rest = found
    texts = {column: None if value is None else str(value) for column, value in zip(dims, rest, strict=False)}
    counts = {column: int(str(value)) for column, value in zip(rule.columns, rest[len(dims) :], strict=True)}
    pattern = frozenset(column for column, code in rule.totals.items() if texts[column] == code)
    return CountRow(int(str(row)), texts, counts, pattern)


def _require_counts(connection: DuckDBPyConnection, mart: str, name: str, rule: Suppression) -> None:
    """Raise SMALL_CELLS_NOT_COUNTS if a value is null, negative, no number or not whole."""
    for column in rule.columns:
        value = f"TRY_CAST({sql_identifier(column)} AS DOUBLE)"
        whole = f"{value} >= 0 AND {value} = floor({value}) AND {value} < {_MOST}"
        bad = f"SELECT count(*) FROM {sql_identifier('exact', name)} WHERE NOT coalesce({whole}, false)"
        (rows,) = connection.execute(bad).fetchone() or (0,)
        if rows:
            raise CitylakeError("SMALL_CELLS_NOT_COUNTS", mart=mart, table=name, column=column, rows=rows)
