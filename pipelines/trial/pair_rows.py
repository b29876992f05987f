"""Which row of one reading is which row of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_PARTITIONS = ("_day", "_month", "_year")
_NOT_COMPARED = ("_batch", "_receipt", "_row", "_source", *_PARTITIONS)
_INEXACT = ("DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True, slots=True)
class RowPairs:
    """``joined``: the FROM clause of a query, with today's rows as ``t`` and the changed ones as ``c``.

    ``columns``: those that both readings have, each with the expression that is true if its value differs.
    """

    joined: str
    columns: Mapping[str, str]
    types: Mapping[str, str]
    """The columns whose differences are numbers."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    days: bool
    """Whether rows have ``_trial_day``, their partition."""

    @property
    def both(self) -> str:
        """True for the rows of both readings."""
        return "t._row IS NOT NULL AND c._row IS NOT NULL"

    @property
    def any_changed(self) -> str:
        """True for rows with any other value."""
        return " OR ".join(self.columns.values()) or "false"


def pair_rows(
    connection: duckdb.DuckDBPyConnection, today: Sequence[str], changed: Sequence[str], key: Sequence[str]
) -> RowPairs:
    """Pair the rows of the files of two readings: by receipt and row, and by ``key`` if that is not enough."""
    kinds = [_open_files(connection, name, files) for name, files in (("today", today), ("changed", changed))]
    mine, theirs = kinds
    shared = [name for name in mine if name in theirs and name not in _NOT_COMPARED]
    join = _join_columns(connection, [name for name in key if name in shared] or _exact(shared, mine, theirs))
    on = " AND ".join(f"t.{name} IS NOT DISTINCT FROM c.{name}" for name in join)
    return RowPairs(
        f"trial_today t FULL JOIN trial_changed c ON {on}",
        {name: _differs(name, mine[name] == theirs[name]) for name in shared},
        {name: mine[name] for name in shared if _is_number(mine[name]) and _is_number(theirs[name])},
        tuple(name for name in theirs if name not in mine and not name.startswith("_")),
        tuple(name for name in mine if name not in theirs and not name.startswith("_")),
        days=any(name in kinds[0] or name in kinds[1] for name in _PARTITIONS),
    )


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def file_list(files: Sequence[str]) -> str:
    """Paths as a list in SQL."""
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in files) + "]"


def _open_files(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[str]) -> dict[str, str]:
    """Make the view ``rows_<name>``; returns its columns with their types."""
    read = (
        f"read_parquet({file_list(files)}, union_by_name = true, hive_partitioning = true, hive_types_autocast = false)"
    )
    made = connection.execute(f"DESCRIBE SELECT * FROM {read}").fetchall()
    kinds = {str(row[0]): str(row[1]) for row in made}
    partition = next((column for column in _PARTITIONS if column in kinds), "NULL::VARCHAR")
    connection.execute(f"CREATE VIEW rows_{name} AS SELECT *, {partition} AS _trial_day FROM {read}")
    return kinds


def _join_columns(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> list[str]:
    """Make the views ``trial_today`` and ``trial_changed``; returns the columns by which a row is one row in both."""
    place = ["_receipt", "_row"]
    if all(_is_unique(connection, f"rows_{name}", place) for name in ("today", "changed")):
        for name in ("today", "changed"):
            connection.execute(f"CREATE VIEW trial_{name} AS SELECT * FROM rows_{name}")
        return place
    by = [*place, *map(quoted, key)]
    for name in ("today", "changed"):
        number = f"row_number() OVER (PARTITION BY {', '.join(by)} ORDER BY _source) AS _trial_number"
        connection.execute(f"CREATE VIEW trial_{name} AS SELECT *, {number} FROM rows_{name}")
    return [*by, "_trial_number"]


def _is_unique(connection: duckdb.DuckDBPyConnection, rows: str, by: Sequence[str]) -> bool:
    twice = f"SELECT 1 FROM {rows} GROUP BY {', '.join(by)} HAVING count(*) > 1 LIMIT 1"
    return connection.execute(twice).fetchone() is None


def _exact(shared: Sequence[str], *kinds: Mapping[str, str]) -> list[str]:
    """Texts, codes and times, which say which of several rows one is; a measured value may be what changes."""
    return [name for name in shared if not any(each[name].startswith(_INEXACT) for each in kinds)]


def _is_number(kind: str) -> bool:
    return kind.startswith((*_INEXACT, "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "HUGEINT", "UBIGINT", "UINTEGER"))


def _differs(name: str, alike: bool) -> str:
    """The expression for another value; values of two types are compared as text."""
    one, other = (f"{side}.{quoted(name)}" if alike else f"{side}.{quoted(name)}::VARCHAR" for side in "tc")
    return f"{one} IS DISTINCT FROM {other}"
