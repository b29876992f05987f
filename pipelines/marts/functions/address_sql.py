"""Keys of addresses and names as DuckDB functions over Arrow vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
from duckdb.func import ARROW, SPECIAL

from citylake.pipelines.address.address_columns import address_key, street_key
from citylake.pipelines.address.organisation_name import organisation_key
from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype

if TYPE_CHECKING:
    import duckdb

_KEYS: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "address_key": address_key,
    "street_key": street_key,
    "organisation_key": organisation_key,
}


def register_address_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the functions on ``connection``; each distinct text of a vector is read once."""
    text = duckdb_sqltype("VARCHAR")
    for name, key in _KEYS.items():
        connection.create_function(name, _vector_function(key), [text], text, type=ARROW, null_handling=SPECIAL)


def _vector_function(key: Callable[[pl.Expr], pl.Expr]) -> Callable[[pa.ChunkedArray], pa.Array]:
    def keys(texts: pa.ChunkedArray) -> pa.Array:
        column = pl.from_arrow(pa.table([texts], names=["text"]))
        assert isinstance(column, pl.DataFrame)
        found: pa.Array = column.select(key(pl.col("text"))).to_series().to_arrow()
        return found.cast(pa.string())

    return keys
