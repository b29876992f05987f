"""What a trace finds: the rows of one mart table, and of its inputs, down to the standard tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

TraceScope = Literal["exact", "partitions", "inputs", "all"]
"""How the rows were chosen. ``exact``: those that joins, groups, windows and subqueries took. ``partitions``: with the
whole partitions of windows. ``inputs``: with every row of some inputs. ``all``: every row of the days that were read.
"""


@dataclass(frozen=True, slots=True)
class TracedInput:
    """The rows of one input of a mart table."""

    name: str
    """``<dataset>``, ``mart.<mart>.<table>`` or ``entities.<entity>``."""
    kind: Literal["dataset", "mart", "entity"]
    version: int
    """Delta version that was read; -1: there was no table."""
    table: pa.Table
    """The rows that were found, at most ``MOST_ROWS``: see :attr:`rows`."""
    count: int
    """How many rows were found."""
    available: int
    """How many rows the days that were read have."""
    days: tuple[date, ...] | None = None
    """The partitions that were read; None: all."""
    instead_of: int | None = None
    """The version that the build read, if its files are gone."""
    complete: bool = False
    """Whether these are all rows of the days, because fewer do not give the value."""

    @property
    def rows(self) -> pl.DataFrame:
        """The rows that were found, at most 100 000.

        Of a standard table: the key, ``_batch``, ``_receipt``, ``_row``, ``_source`` and the other columns that the
        lake adds, and every column that the SELECT reads. Of a mart table: all columns.
        """
        found = pl.from_arrow(self.table)
        return found if isinstance(found, pl.DataFrame) else found.to_frame()


@dataclass(frozen=True, slots=True)
class TableTrace:
    """Rows of one mart table that one build made, and the rows of its inputs."""

    mart: str
    table: str
    rows: pa.Table
    """The rows that are traced."""
    build: int
    """The Delta version of the table with which the build made them; -1: it is not in the log."""
    inputs: tuple[TracedInput, ...]
    verified: bool
    """Whether the table's SELECT makes the same rows of the inputs' rows alone."""
    scope: TraceScope
    differing: tuple[str, ...] = ()
    """The columns whose values it does not make."""
    redeclared: bool = False
    """Whether the declarations or the SQL are others than at the build."""


@dataclass(frozen=True, slots=True)
class RowTrace:
    """One row of a mart, traced to the rows of standard tables."""

    mart: str
    table: str
    version: str
    """The published version."""
    key: Mapping[str, Any]
    column: str | None
    row: Mapping[str, Any]
    """The row as readers of the mart see it."""
    hidden: tuple[str, ...]
    """Columns whose counts are hidden in this row. The rows it was made from are then not to be shown or counted."""
    levels: tuple[TableTrace, ...] = field(default=())
    """The row's own table first, then the mart tables that it was made from."""
    replaced: tuple[int, int] | None = None
    """The Delta version of the row's table that was published, and the one that was traced, if its files are gone."""

    @property
    def verified(self) -> bool:
        """Whether the SELECTs make the same values of the rows that were found alone, on every level."""
        return all(level.verified for level in self.levels)

    @property
    def inputs(self) -> tuple[TracedInput, ...]:
        """The inputs that are not tables of marts: standard tables, and links of entities."""
        return tuple(each for level in self.levels for each in level.inputs if each.kind != "mart")

    def datasets(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield each dataset with its rows of all levels, each row once; datasets without any are left out."""
        found: dict[str, list[pl.DataFrame]] = {}
        for each in self.inputs:
            if each.kind == "dataset" and each.count:
                found.setdefault(each.name, []).append(each.rows)
        for name, frames in found.items():
            rows = pl.concat(frames, how="diagonal_relaxed")
            yield name, rows if len(frames) == 1 else _once(rows)


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    # Columns with lists cannot be compared; all others name the row.
    plain = [name for name, kind in rows.schema.items() if not kind.is_nested()]
    return rows.unique(plain, keep="first", maintain_order=True)
