"""Measures a path between large tables from samples of keys and of rows, which are chosen by hashes.

A key is in the sample if its hash is below a bound, in whatever table it stands (a bottom-k sketch, Beyer et al. 2007:
"On synopses for distinct-value estimation under multiset operations"). The sample is the same on every machine, and in
whatever order rows are stored. The stated error is Hoeffding's bound (1963) for a share of n sampled items, which also
holds for samples without replacement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from citylake.pipelines.silo.join_figures import JoinFigures, SideFigures
from citylake.pipelines.silo.join_path import JoinPath, Side
from citylake.pipelines.silo.measure_path import count_met, count_rows, has_key, measure_path
from citylake.pipelines.silo.path_sql import keys_condition, keys_select, table_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAMPLED: Final = 65_536
"""Keys, and rows, that a sample has, about."""
_DOUBT: Final = 0.001
"""How likely a share is farther from the truth than its error."""
_HASHES: Final = 1 << 64


def sampling_error(sampled: int) -> float:
    """Return the error of a share of ``sampled`` items, with 99.9 % certainty: sqrt(ln(2 / 0.001) / 2n)."""
    return min(1.0, math.sqrt(math.log(2 / _DOUBT) / (2 * sampled))) if sampled else 1.0


def measure_bounded(
    connection: DuckDBPyConnection, path: JoinPath, exact_rows: int, sample: int = SAMPLED
) -> JoinFigures:
    """Measure exactly up to ``exact_rows`` rows of the larger side, above that from samples of about ``sample`` items.

    Paths through a register and by nearness are always exact: DuckDB spills to disk above its memory.
    """
    rows = max(count_rows(connection, each) for each in (path.left, path.right))
    if rows <= exact_rows or path.register or path.kind == "nearest":
        return measure_path(connection, path)
    left, right = (_sample_side(connection, path, side, sample) for side in _SIDES)
    error = max(left.error, right.error)
    return JoinFigures(left.figures, right.figures, max(left.joined, right.joined), error)


_SIDES: Final[tuple[Side, Side]] = ("left", "right")


@dataclass(frozen=True, slots=True)
class _Sampled:
    figures: SideFigures
    joined: int
    error: float


def _sample_side(connection: DuckDBPyConnection, path: JoinPath, side: Side, sample: int) -> _Sampled:
    dataset = path.left if side == "left" else path.right
    rows, (keyed, keys) = count_rows(connection, dataset), _about(connection, path, side)
    part = min(1.0, sample / keys) if keys else 1.0
    taken, met, fan_out, joined = _sample_keys(connection, path, side, part)
    rows_taken, rows_met = _sample_rows(connection, path, side, min(1.0, sample / keyed) if keyed else 1.0)
    estimate = round(taken / part)
    figures = SideFigures(
        rows,
        keyed,
        estimate,
        round(keyed * rows_met / rows_taken) if rows_taken else 0,
        round(estimate * met / taken) if taken else 0,
        fan_out,
    )
    errors = [sampling_error(taken) if part < 1 else 0.0, sampling_error(rows_taken) if rows_taken < keyed else 0.0]
    return _Sampled(figures, round(joined / part), max(errors))


def _about(connection: DuckDBPyConnection, path: JoinPath, side: Side) -> tuple[int, int]:
    """Rows with a key, and about how many different keys they have."""
    dataset = path.left if side == "left" else path.right
    sql = f"SELECT count(*), approx_count_distinct({_hash(path, side)}) FROM {table_name(dataset)} AS t"
    row = connection.execute(f"{sql} WHERE {has_key(path, side, 't')}").fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _hash(path: JoinPath, side: Side) -> str:
    """The hash of what meets by equality. The same key has the same hash on both sides."""
    return f"hash({', '.join(pair.keys(side, 't')[0] for pair in path.exact_pairs)})"


def _below(part: float) -> str:
    return "" if part >= 1 else f" < {min(round(part * _HASHES), _HASHES - 1)}::UBIGINT"


def _sample_tables(connection: DuckDBPyConnection, path: JoinPath, side: Side, by: str, part: float) -> tuple[str, str]:
    """Create the tables of the sampled side and of what it may meet; returns their names. ``by``: what is hashed."""
    here, there = ("a", "b") if side == "left" else ("b", "a")
    other: Side = "right" if side == "left" else "left"
    where = f" AND {by}{_below(part)}" if part < 1 else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {here} AS {keys_select(path, side, where)}")
    columns = [f"k{at}" for at in _exact_places(path, side)]
    chosen = f" AND {_hash(path, other)} IN (SELECT hash({', '.join(columns)}) FROM {here})"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {there} AS {keys_select(path, other, chosen)}")
    return here, there


def _sample_keys(connection: DuckDBPyConnection, path: JoinPath, side: Side, part: float) -> tuple[int, int, int, int]:
    """Sampled keys, those that meet, the most rows that a row meets, and rows of the inner join."""
    here, _ = _sample_tables(connection, path, side, _hash(path, side), part)
    found = count_met(connection, path)
    row = connection.execute(f"SELECT count(*) FROM {here}").fetchone()
    met = found.left if side == "left" else found.right
    return int(row[0]) if row else 0, met[0], met[2], found.joined


def _exact_places(path: JoinPath, side: Side) -> list[int]:
    """The numbers of the key's expressions that meet by equality."""
    places, at = [], 0
    for pair in path.pairs:
        if pair.how != "valid":
            places.append(at)
        at += len(pair.keys(side, "t"))
    return places


def _sample_rows(connection: DuckDBPyConnection, path: JoinPath, side: Side, part: float) -> tuple[int, int]:
    """Sampled rows with a key, and those that meet."""
    here, there = _sample_tables(connection, path, side, "hash(t._receipt, t._row)", part)
    meets = f"EXISTS (SELECT 1 FROM {there} WHERE {keys_condition(path)})"
    sql = f"SELECT sum(n), sum(n) FILTER (WHERE {meets}) FROM {here}"
    row = connection.execute(sql).fetchone()
    return (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)
