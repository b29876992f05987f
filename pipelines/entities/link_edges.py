"""Pairs of records that are one entity by an equal identifier or by a person's decision, as rows of ``edge``.

``edge``: a and b (nodes, a < b), stage, score, reason (JSON: a code and its values).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, entity_decisions_table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PAIR = ["dataset", "record_key", "other_dataset", "other_key"]


def standing_decisions(ledger: Ledger, entity: str) -> pl.DataFrame:
    """Return the last decision of each pair: the pair, decision, user, why, act_id, sequence, in written order."""
    rows = ledger.read(entity_decisions_table.TABLE).filter(pl.col("entity") == entity)
    last = rows.unique(_PAIR, keep="last", maintain_order=True)
    return last.select(*_PAIR, "decision", "user", "why", "act_id", "sequence").sort("sequence")


def add_decided_pairs(connection: DuckDBPyConnection, decided: pl.DataFrame) -> None:
    """Create ``edge`` with the pairs that people accepted, and ``barred`` with those that they rejected."""
    connection.register("decided_pairs", decided.to_arrow())
    connection.execute(_DECIDED)
    connection.unregister("decided_pairs")


def add_identifier_edges(connection: DuckDBPyConnection) -> None:
    """Link each record to the first one with the same identifier: a star has all that a full graph would say."""
    connection.execute(_SAME_IDENTIFIER)


_DECIDED = """
    CREATE OR REPLACE TEMP TABLE decided AS
        SELECT least(r.node, s.node) AS a, greatest(r.node, s.node) AS b, decision, d."user"
        FROM decided_pairs d
        JOIN record r ON r.dataset = d.dataset AND r.record_key = d.record_key
        JOIN record s ON s.dataset = d.other_dataset AND s.record_key = d.other_key
        WHERE decision <> 'withdrawn';
    CREATE OR REPLACE TEMP TABLE barred AS SELECT a, b FROM decided WHERE decision = 'different';
    CREATE OR REPLACE TEMP TABLE edge AS
        SELECT a, b, 'review' AS stage, 1.0::DOUBLE AS score, '{"code": "decided"}' AS reason, "user" AS reviewer
        FROM decided WHERE decision = 'same';
"""
_SAME_IDENTIFIER = """
    INSERT INTO edge
        WITH first AS (SELECT *, min(node) OVER (PARTITION BY space, value) AS a FROM identifier)
        SELECT a, node, 'identifier', 1.0, min('{"code": "same_identifier", "space": "' || space || '"}'), NULL
        FROM first WHERE a < node AND NOT EXISTS (FROM barred WHERE barred.a = first.a AND barred.b = first.node)
        GROUP BY a, node;
"""
