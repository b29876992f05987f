"""Functions that make values coarser, as DuckDB functions over Arrow vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.marts.functions.generalisation_functions import DIVISIONS, WIDTHS

if TYPE_CHECKING:
    import duckdb

_OLDEST = 130
_CODE_DIGITS = (6, 9, 12)
_Columns = Sequence[pl.Expr]
_Made = Callable[[_Columns], pl.Expr]


def register_generalisation_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``age_band``, ``birth_decade``, ``division_above`` and ``coarse_coordinate`` on ``connection``."""
    functions: dict[str, tuple[_Made, list[str], str]] = {
        "age_band": (_age_band, ["DATE", "DATE", "INTEGER"], "VARCHAR"),
        "birth_decade": (_birth_decade, ["DATE"], "INTEGER"),
        "division_above": (_division_above, ["VARCHAR", "VARCHAR"], "VARCHAR"),
        "coarse_coordinate": (_coarse_coordinate, ["DOUBLE", "DOUBLE"], "DOUBLE"),
    }
    for name, (made, takes, gives) in functions.items():
        call = (_of_one, _of_two, _of_three)[len(takes) - 1](made)
        connection.create_function(
            name, call, [*map(duckdb_sqltype, takes)], duckdb_sqltype(gives), type=ARROW, null_handling=SPECIAL
        )


# DuckDB counts the parameters of what it calls.
def _of_one(made: _Made) -> Callable[..., pa.Array]:
    def call(first: pa.ChunkedArray) -> pa.Array:
        return _evaluated(made, first)

    return call


def _of_two(made: _Made) -> Callable[..., pa.Array]:
    def call(first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.Array:
        return _evaluated(made, first, second)

    return call


def _of_three(made: _Made) -> Callable[..., pa.Array]:
    def call(first: pa.ChunkedArray, second: pa.ChunkedArray, third: pa.ChunkedArray) -> pa.Array:
        return _evaluated(made, first, second, third)

    return call


def _evaluated(made: _Made, *values: pa.ChunkedArray) -> pa.Array:
    names = [f"value_{place}" for place in range(len(values))]
    frame = pl.from_arrow(pa.table(list(values), names=names))
    assert isinstance(frame, pl.DataFrame)
    found: pa.Array = frame.select(made([pl.col(name) for name in names]).alias("made")).to_series().to_arrow()
    return found if pa.types.is_primitive(found.type) else found.cast(pa.string())


def _age_band(columns: _Columns) -> pl.Expr:
    """``30-34``: full years on the day, in bands that start at a multiple of the width."""
    birth, day, width = columns
    # A month is an Int8 of Polars, in which a hundred months have no place.
    ends = [date.dt.month().cast(pl.Int32) * 100 + date.dt.day() for date in (birth, day)]
    had = ends[1] >= ends[0]
    age = day.dt.year() - birth.dt.year() - (~had).cast(pl.Int32)
    start = age // width * width
    band = pl.format("{}-{}", start, start + width - 1)
    return pl.when(width.is_in(WIDTHS) & age.is_between(0, _OLDEST)).then(band)


def _birth_decade(columns: _Columns) -> pl.Expr:
    return (columns[0].dt.year() // 10 * 10).cast(pl.Int32)


def _division_above(columns: _Columns) -> pl.Expr:
    """The first digits of a code, and zeros up to six; null for what is no code, and for an unknown level."""
    code, level = columns
    known = code.str.contains(r"^[0-9]+$") & code.str.len_chars().is_in(_CODE_DIGITS)
    found = pl.lit(None, pl.String)
    for name, digits in DIVISIONS.items():
        found = pl.when(level == name).then(code.str.slice(0, digits).str.pad_end(6, "0")).otherwise(found)
    return pl.when(known).then(found)


def _coarse_coordinate(columns: _Columns) -> pl.Expr:
    """The middle of the cell of ``step`` degrees; null for a step that is not above zero."""
    degrees, step = columns
    return pl.when(step > 0).then(((degrees / step).floor() + 0.5) * step)
