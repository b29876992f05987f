"""The rows of the tables of links and of pending pairs, from clusters, their ids and their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.schemas.model.entity import LINK_COLUMNS, EntityDeclaration

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINK_DIGITS = 12
"""Hexadecimal digits of the ids of links, which people type."""


def create_link_rows(connection: DuckDBPyConnection, entity: EntityDeclaration) -> None:
    """Create ``new_link`` and ``new_pairs``.

    Each record names the record that it is linked to by the strongest evidence; a record without others is ``alone``.
    A pair is pending if it is in the band, or would have joined what must stay apart, unless a person has decided it.
    """
    connection.execute(_REASONS)
    connection.execute(_LINKS.format(columns=", ".join(LINK_COLUMNS), link=_link_id(entity, "r")))
    accept = entity.similar.accept if entity.similar else 1.0
    connection.execute(_PAIRS.format(accept=accept, link=_pair_id(entity)))


def _link_id(entity: EntityDeclaration, table: str) -> str:
    return f"left(sha256({sql_literal(entity.entity)} || chr(31) || {table}.dataset || chr(31) || {table}.record_key), {LINK_DIGITS})"  # noqa: E501


def _pair_id(entity: EntityDeclaration) -> str:
    parts = ("r.dataset", "r.record_key", "s.dataset", "s.record_key")
    text = " || chr(31) || ".join((sql_literal(entity.entity), *parts))
    return f"left(sha256({text}), {LINK_DIGITS})"


_REASONS = """
    CREATE OR REPLACE TEMP TABLE best AS
        WITH used AS (
            SELECT e.* FROM edge e JOIN member m ON m.node = e.a JOIN member n ON n.node = e.b
            WHERE m.cluster = n.cluster AND NOT EXISTS (FROM refused f WHERE f.a = e.a AND f.b = e.b)
        )
        SELECT * FROM (SELECT a AS node, b AS other, * FROM used UNION ALL SELECT b, a, * FROM used)
        QUALIFY row_number() OVER (
            PARTITION BY node
            ORDER BY CASE stage WHEN 'review' THEN 0 WHEN 'identifier' THEN 1 ELSE 2 END, score DESC, other, reason
        ) = 1
"""
_LINKS = """
    CREATE OR REPLACE TEMP TABLE new_link AS SELECT {columns} FROM (
        SELECT entity_id, r.dataset, r.record_key, r.valid_from, r.valid_to, {link} AS link_id,
            coalesce(best.stage, 'alone') AS stage, best.score, best.reason,
            s.dataset || ':' || s.record_key AS linked_to, best.reviewer
        FROM record r JOIN member m USING (node) JOIN named USING (cluster)
        LEFT JOIN best USING (node) LEFT JOIN record s ON s.node = best.other
    )
"""
_PAIRS = """
    CREATE OR REPLACE TEMP TABLE new_pairs AS
        SELECT {link} AS link_id, r.dataset, r.record_key, s.dataset AS other_dataset, s.record_key AS other_key,
            c.score, c.reason, CASE WHEN c.score < {accept} THEN 'band' ELSE 'ambiguous' END AS waits
        FROM candidate c JOIN member m ON m.node = c.a JOIN member n ON n.node = c.b
        JOIN record r ON r.node = c.a JOIN record s ON s.node = c.b
        WHERE m.cluster <> n.cluster AND NOT EXISTS (FROM decided d WHERE d.a = c.a AND d.b = c.b)
            AND NOT EXISTS (
                FROM identifier i JOIN identifier j USING (space)
                WHERE i.node = c.a AND j.node = c.b AND i.checked AND j.checked
            )
"""
