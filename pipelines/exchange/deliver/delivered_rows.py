"""The rows of a delivery: all of a version, or those that differ from what the receiver is known to have.

What a receiver has is kept as a digest of each row by its key: ``<lake>/deliveries/<delivery>/<id>/<table>.parquet``.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.exchange.deliver.delivered_version import DeliveredTableVersion, DeliveredVersion
from citylake.pipelines.lake.durable_files import replace_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OPERATION = "_operation"
"""The first column of changes: ``I`` (inserted), ``U`` (updated) or ``D`` (deleted)."""
_DIGEST = "_digest"
_KEPT = 8
"""Digests of so many deliveries are kept: a receiver's database may be restored from a backup."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows of one table to deliver: ``relation`` holds them, with the operation first if they are ``changes``."""

    version: DeliveredTableVersion
    relation: str
    inserted: int
    updated: int = 0
    deleted: int = 0
    changes: bool = False

    @property
    def rows(self) -> int:
        """The number of rows that go."""
        return self.inserted + self.updated + self.deleted

    @property
    def columns(self) -> list[str]:
        """The columns of the relation."""
        return [*([OPERATION] if self.changes else []), *self.version.names]


def select_rows(opened: DeliveredVersion, lake: Lake, delivery: str, since: str | None) -> list[TableRows]:
    """Return the rows of each table: all, or the changes ``since`` a delivery whose digests are kept.

    Raises DELIVERY_KEY_REPEATED if two rows of changes have the same key.
    """
    if since is None or not all(_is_comparable(opened, lake, delivery, since, table) for table in opened.tables):
        return [_whole_table(opened.connection, number, table) for number, table in enumerate(opened.tables)]
    found = []
    for number, table in enumerate(opened.tables):
        _require_unique(opened.connection, table)
        found.append(_changed_rows(opened.connection, number, table, _digest_file(lake, delivery, since, table)))
    return found


def keep_digests(opened: DeliveredVersion, lake: Lake, delivery: str, delivery_id: str) -> None:
    """Store the digests of the version, before it goes; again if a crash came in between. Old ones are deleted."""
    for number, table in enumerate(opened.tables):
        own, path = f"{opened.folder}/digests_{number}.parquet", _digest_file(lake, delivery, delivery_id, table)
        opened.connection.execute(
            f"COPY ({_digests(table)} ORDER BY ALL) TO {sql_literal(own)} (FORMAT parquet, COMPRESSION zstd)"
        )
        lake.makedirs(lake.delivered(delivery, delivery_id))
        if not lake.local:
            lake.fs.put_file(own, path)
            continue
        # A rename does not cross file systems; the engine's folder may be on another one.
        shutil.copyfile(own, f"{path}.partial")
        replace_file(lake, f"{path}.partial", path)


def forget_digests(lake: Lake, delivery: str, delivered: Sequence[str]) -> None:
    """Delete the digests of all but the last deliveries; ``delivered``: their ids, oldest first."""
    folder = lake.delivered(delivery)
    keep = set(delivered[-_KEPT:])
    for path in lake.fs.find(lake.fs_path(folder)) if lake.fs.exists(folder) else ():
        if path.split("/")[-2] in set(delivered) - keep:
            lake.remove(path if lake.local else f"{folder}/{'/'.join(path.split('/')[-2:])}")


def _digest_file(lake: Lake, delivery: str, delivery_id: str, table: DeliveredTableVersion) -> str:
    return lake.delivered(delivery, delivery_id, f"{table.table}.parquet")


def _whole_table(connection: DuckDBPyConnection, number: int, table: DeliveredTableVersion) -> TableRows:
    name = f"delivered_{number}"
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT {_listed(table.names)} FROM {table.relation}")
    return TableRows(table, name, _count(connection, name))


def _changed_rows(connection: DuckDBPyConnection, number: int, table: DeliveredTableVersion, kept: str) -> TableRows:
    name, same = f"delivered_{number}", _same_key(table.key, "n", "o")
    values = _listed([f"n.{sql_identifier(column)}" for column in table.names], quoted=True)
    gone = ", ".join(
        f"{f'o.{sql_identifier(column)}' if column in table.key else f'CAST(NULL AS {_kind(table, column)})'}"
        f" AS {sql_identifier(column)}"
        for column in table.names
    )
    connection.execute(
        f"CREATE TEMP TABLE {name} AS WITH n AS (SELECT *, {_digest(table)} AS {_DIGEST} FROM {table.relation}), "
        f"o AS (SELECT * FROM read_parquet({sql_literal(kept)})) "
        f"SELECT CASE WHEN o.{_DIGEST} IS NULL THEN 'I' ELSE 'U' END AS {OPERATION}, {values} "
        f"FROM n LEFT JOIN o ON {same} WHERE o.{_DIGEST} IS DISTINCT FROM n.{_DIGEST} "
        f"UNION ALL SELECT 'D', {gone} FROM o WHERE NOT EXISTS (SELECT 1 FROM n WHERE {same})"
    )
    counted = dict(connection.execute(f"SELECT {OPERATION}, count(*) FROM {name} GROUP BY 1").fetchall())
    inserted, updated, deleted = (counted.get(operation, 0) for operation in "IUD")
    return TableRows(table, name, inserted, updated, deleted, changes=True)


def _is_comparable(
    opened: DeliveredVersion, lake: Lake, delivery: str, since: str, table: DeliveredTableVersion
) -> bool:
    """Whether the digests of ``since`` are there, by the same key."""
    path = _digest_file(lake, delivery, since, table)
    if not table.key or not lake.fs.exists(path):
        return False
    kept = opened.connection.execute(f"DESCRIBE SELECT * FROM read_parquet({sql_literal(path)})").fetchall()
    expected = opened.connection.execute(f"DESCRIBE {_digests(table)}").fetchall()
    return [row[:2] for row in kept] == [row[:2] for row in expected]


def _require_unique(connection: DuckDBPyConnection, table: DeliveredTableVersion) -> None:
    twice = f"SELECT 1 FROM {table.relation} GROUP BY {_listed(table.key)} HAVING count(*) > 1"
    count = _count(connection, f"({twice})")
    if count:
        raise CitylakeError("DELIVERY_KEY_REPEATED", table=table.table, key=", ".join(table.key), count=count)


def _digests(table: DeliveredTableVersion) -> str:
    return f"SELECT {_listed(table.key)}{', ' if table.key else ''}{_digest(table)} AS {_DIGEST} FROM {table.relation}"


def _digest(table: DeliveredTableVersion) -> str:
    """The digest of all delivered columns, with their names."""
    members = ", ".join(f"{sql_literal(column)}, {sql_identifier(column)}" for column in table.names)
    return f"md5(CAST(json_object({members}) AS VARCHAR))"


def _same_key(key: Sequence[str], one: str, other: str) -> str:
    names = map(sql_identifier, key)
    return " AND ".join(f"{one}.{name} IS NOT DISTINCT FROM {other}.{name}" for name in names)


def _kind(table: DeliveredTableVersion, column: str) -> str:
    return next(each.kind for each in table.columns if each.name == column)


def _listed(names: Sequence[str], *, quoted: bool = False) -> str:
    return ", ".join(names if quoted else map(sql_identifier, names))


def _count(connection: DuckDBPyConnection, relation: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0])
