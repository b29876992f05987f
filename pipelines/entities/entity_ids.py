"""Ids of entities that stay: a cluster keeps the id of the record that founded it, whatever joins or leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.marts.make.mart_engine import sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ID_DIGITS = 16
"""Hexadecimal digits of the SHA-256: with ten million entities, two ids are equal with a chance of 3 in a million."""


def own_id_sql(entity: str, table: str) -> str:
    """The id that a record founds: a digest of its dataset and key."""
    text = f"{table}.dataset || chr(31) || {table}.record_key"
    return f"({sql_literal(f'{entity}-')} || left(sha256({text}), {ID_DIGITS}))"


def assign_entity_ids(connection: DuckDBPyConnection, entity: str) -> None:
    """Create ``named`` (cluster, entity_id) from ``member``, ``record`` and the links of before, ``earlier``.

    An id belongs to the cluster of its founder, if the founder still has it; of several founders, the first by node
    counts. If the founder is gone, the id belongs to the cluster with most of its records. Other clusters get the id
    that their first record founds.
    """
    connection.execute(_KNOWN.format(own=own_id_sql(entity, "r")))
    connection.execute(_FOUNDED)
    connection.execute(_INHERITED)
    connection.execute(_NAMED)


_KNOWN = """
    CREATE OR REPLACE TEMP TABLE known_id AS
        SELECT m.node, m.cluster, {own} AS own, e.entity_id AS held
        FROM member m JOIN record r USING (node)
        LEFT JOIN earlier e ON e.dataset = r.dataset AND e.record_key = r.record_key
"""
_FOUNDED = """
    CREATE OR REPLACE TEMP TABLE founded AS
        SELECT cluster, arg_min(own, node) AS entity_id FROM known_id WHERE held = own GROUP BY cluster
"""
_INHERITED = """
    CREATE OR REPLACE TEMP TABLE inherited AS
        WITH shares AS (
            SELECT cluster, held, count(*) AS n FROM known_id
            WHERE held IS NOT NULL AND held NOT IN (SELECT own FROM known_id WHERE held = own)
                AND cluster NOT IN (SELECT cluster FROM founded)
            GROUP BY cluster, held
        ), won AS (
            SELECT cluster, held FROM shares
            QUALIFY row_number() OVER (PARTITION BY held ORDER BY n DESC, cluster) = 1
        )
        SELECT cluster, min(held) AS entity_id FROM won GROUP BY cluster
"""
_NAMED = """
    CREATE OR REPLACE TEMP TABLE named AS
        WITH kept AS (FROM founded UNION ALL FROM inherited),
        fresh AS (
            SELECT cluster, arg_min(own, node) AS own FROM known_id
            WHERE cluster NOT IN (SELECT cluster FROM kept) GROUP BY cluster
        )
        FROM kept
        -- The id that a record founds may still be that of others which it once was with.
        UNION ALL SELECT cluster, own || coalesce((
            SELECT '-' || 1 + max(coalesce(try_cast(split_part(entity_id, '-', 3) AS INTEGER), 1)) FROM kept
            WHERE entity_id = own OR starts_with(entity_id, own || '-')
        ), '') FROM fresh
"""
