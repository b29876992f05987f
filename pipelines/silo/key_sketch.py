"""A sketch of a column's different values: the smallest hashes of them, by which any two columns can be compared.

A bottom-k sketch (Beyer et al. 2007: "On synopses for distinct-value estimation under multiset operations"). Up to
``k`` different values it holds them all, and every figure is exact. Above that, shares have the error that
:func:`sampling_error` states for the hashes that both sketches know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.measure_sampled import sampling_error
from citylake.pipelines.silo.path_sql import table_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

SKETCHED: Final = 16_384
"""Hashes that a sketch holds, at most: 128 KB."""
_ALL: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True, eq=False)
class KeySketch:
    """The hashes up to ``bound``, in order, each once. ``bound`` is the greatest of all if none is missing."""

    hashes: NDArray[np.uint64]
    bound: int = _ALL

    @property
    def complete(self) -> bool:
        """Whether it holds every value."""
        return self.bound == _ALL

    @property
    def distinct(self) -> int:
        """The number of different values; an estimate unless it is complete."""
        return round(len(self.hashes) / ((self.bound + 1) / (1 << 64)))

    @classmethod
    def of_hashes(cls, hashes: NDArray[Any], most: int = SKETCHED, bound: int = _ALL) -> Self:
        """Keep the smallest ``most`` of the hashes, which are all up to ``bound``."""
        unique = np.unique(hashes.astype(np.uint64))
        if len(unique) <= most:
            return cls(unique, bound)
        return cls(unique[:most], int(unique[most - 1]))

    def union(self, other: Self, most: int = SKETCHED) -> Self:
        """Return the sketch of the values of both."""
        bound = min(self.bound, other.bound)
        both = np.concatenate([self.below(bound), other.below(bound)])
        return self.of_hashes(both, most, bound)

    def below(self, bound: int) -> NDArray[np.uint64]:
        """Return the hashes up to ``bound``."""
        return self.hashes[: np.searchsorted(self.hashes, np.uint64(bound), side="right")]


@dataclass(frozen=True, slots=True)
class KeyMeeting:
    """How many different values two columns have in common, and the ``error`` of the shares; 0: exact."""

    left: int
    right: int
    met: int
    error: float

    @property
    def shares(self) -> tuple[float, float]:
        """The share of each side's values that the other has."""
        return (self.met / self.left if self.left else 0.0, self.met / self.right if self.right else 0.0)


def meet_sketches(left: KeySketch, right: KeySketch) -> KeyMeeting:
    """Compare two sketches. Turned round, the result is the same, turned round."""
    bound = min(left.bound, right.bound)
    one, other = left.below(bound), right.below(bound)
    common = len(np.intersect1d(one, other, assume_unique=True))
    if left.complete and right.complete:
        return KeyMeeting(len(one), len(other), common, 0.0)
    scale = (1 << 64) / (bound + 1)
    error = max(sampling_error(len(each)) for each in (one, other))
    return KeyMeeting(round(len(one) * scale), round(len(other) * scale), round(common * scale), error)


def sketch_columns(
    connection: DuckDBPyConnection, dataset: str, columns: Sequence[str], most: int = SKETCHED
) -> list[KeySketch]:
    """Sketch columns of a dataset's view, which is read once: its hashes are kept beside it meanwhile."""
    if not columns:
        return []
    hashed = ", ".join(
        f"CASE WHEN {sql_identifier(name)} IS NOT NULL THEN hash(CAST({sql_identifier(name)} AS VARCHAR)) END AS h{at}"
        for at, name in enumerate(columns)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE hashed AS SELECT {hashed} FROM {table_name(dataset)}")
    try:
        return [_smallest(connection, f"h{at}", most) for at in range(len(columns))]
    finally:
        connection.execute("DROP TABLE hashed")


def _smallest(connection: DuckDBPyConnection, name: str, most: int) -> KeySketch:
    sql = f"SELECT DISTINCT {name} FROM hashed WHERE {name} IS NOT NULL ORDER BY {name} LIMIT {most + 1}"
    return KeySketch.of_hashes(connection.execute(sql).fetchnumpy()[name], most)


def key_hashes(connection: DuckDBPyConnection, values: tuple[str, ...]) -> KeySketch:
    """Sketch some texts, to compare them with columns."""
    found = connection.execute("SELECT hash(v) AS h FROM (SELECT unnest(?::VARCHAR[]) AS v)", [list(values)])
    return KeySketch.of_hashes(found.fetchnumpy()["h"])
