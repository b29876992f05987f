"""The traced row in its curated table, and the rows nearest to a key that has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from citylake.pipelines.marts.make.delta_views import create_curated_view
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal
from citylake.pipelines.marts.make.table_build import TableBuild
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Key = Mapping[str, str | None]
_VIEW: Final = "_traced"
_MOST_NEAR: Final = 3


@contextmanager
def _curated_view(
    engine: MartEngine, work: TableBuild, version: int
) -> Iterator[tuple[DuckDBPyConnection, dict[str, str]]]:
    """Yield a connection with the table as a view, and its columns' types."""
    with engine.room() as connection:
        table = (work.mart.mart, work.name)
        create_curated_view(connection, work.lake, work.registry, table, (_VIEW,), once=True, version=version)
        kinds = {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {_VIEW}").fetchall()}
        yield connection, kinds


def read_curated_row(engine: MartEngine, work: TableBuild, version: int, key: Key) -> pa.Table:
    """Return the row with ``key`` in the table's ``version``.

    Raises TRACE_VALUE_UNREADABLE for a value that the column's type cannot have, and TRACE_ROW_UNKNOWN with the nearest
    keys.
    """
    with _curated_view(engine, work, version) as (connection, kinds):
        conditions = [_equal(connection, work, kinds, name, text) for name, text in key.items()]
        rows = connection.execute(f"FROM {_VIEW} WHERE {' AND '.join(conditions)}").to_arrow_table()
        if not rows.num_rows:
            near = " | ".join(_nearest(connection, kinds, key)) or "—"
            raise CitylakeError("TRACE_ROW_UNKNOWN", table=_named(work), key=key_text(key), suggestion=near)
    return rows


def key_text(key: Mapping[str, object]) -> str:
    """A key as in a command: ``region_code=440305 day=2026-03-05``."""
    return " ".join(f"{name}={'null' if value is None else value}" for name, value in key.items())


def _named(work: TableBuild) -> str:
    return f"{work.mart.mart}.{work.name}"


def _equal(
    connection: DuckDBPyConnection, work: TableBuild, kinds: Mapping[str, str], name: str, text: str | None
) -> str:
    if text is None:
        return f"{sql_identifier(name)} IS NULL"
    value = f"CAST({sql_literal(text)} AS {kinds[name]})"
    try:
        connection.execute(f"SELECT {value}")
    except duckdb.Error as error:
        raise CitylakeError(
            "TRACE_VALUE_UNREADABLE", table=_named(work), column=name, value=text, type=kinds[name]
        ) from error
    return f"{sql_identifier(name)} = {value}"


def _nearest(connection: DuckDBPyConnection, kinds: Mapping[str, str], key: Key) -> Iterator[str]:
    """The keys that differ in the fewest columns, then by the least days or letters."""
    equal, distances = [], []
    for name, text in key.items():
        column, value = sql_identifier(name), f"CAST({sql_literal(text)} AS {kinds[name]})"
        equal.append(f"({column} IS NOT DISTINCT FROM {'NULL' if text is None else value})::INT")
        if text is not None and kinds[name] in ("DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"):
            distances.append(f"abs(date_diff('hour', {column}::TIMESTAMP, ({value})::TIMESTAMP))")
        elif text is not None:
            distances.append(f"levenshtein({column}::VARCHAR, {sql_literal(text)})")
    names = ", ".join(f"{sql_identifier(name)}::VARCHAR" for name in key)
    order = ", ".join([f"{' + '.join(equal)} DESC", *distances, "ALL"][: len(distances) + 1])
    found = connection.execute(f"SELECT {names} FROM {_VIEW} ORDER BY {order} LIMIT {_MOST_NEAR}").fetchall()
    for row in found:
        yield key_text(dict(zip(key, row, strict=True)))
