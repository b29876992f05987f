"""Clusters of records from their edges: connected components in DuckDB, divided where a decision forbids one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.entities.separate_cluster import Edge, Identified, separate_cluster

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CLUSTERS = {"node": pl.Int64(), "cluster": pl.Int64()}
_REFUSED = {"a": pl.Int64(), "b": pl.Int64()}


def form_clusters(connection: DuckDBPyConnection) -> None:
    """Create ``member`` and ``refused`` from ``record``, ``edge``, ``barred`` and ``identifier``.

    ``member``: node, cluster (its smallest node). ``refused``: the edges (a, b) that joined nothing. Every
    record is in exactly one cluster.
    """
    _connect(connection)
    connection.execute(_CONTRADICTED)
    divided, refused = _divided(connection)
    connection.register("divided_nodes", pl.DataFrame(divided, schema=_CLUSTERS, orient="row").to_arrow())
    connection.register("refused_pairs", pl.DataFrame(refused, schema=_REFUSED, orient="row").to_arrow())
    connection.execute(_FINAL)
    connection.unregister("divided_nodes")
    connection.unregister("refused_pairs")


def _connect(connection: DuckDBPyConnection) -> None:
    """Give every record the smallest node that it is connected with, halving the remaining paths in each round."""
    connection.execute(_START)
    while True:
        connection.execute(_ROUND)
        changed = connection.execute(_CHANGED).fetchall()[0][0]
        connection.execute("CREATE OR REPLACE TEMP TABLE label AS FROM next_label")
        if not changed:
            return


def _divided(connection: DuckDBPyConnection) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return (node, cluster) of all contradicted components, and the pairs of edges that join nothing."""
    edges: dict[int, list[Edge]] = defaultdict(list)
    for cluster, *edge in connection.execute(_THEIR_EDGES).fetchall():
        edges[cluster].append(Edge(*edge))
    barred = connection.execute("SELECT a, b FROM barred").fetchall()
    known: dict[int, dict[str, frozenset[str]]] = defaultdict(dict)
    for node, space, values in connection.execute(_THEIR_IDENTIFIERS).fetchall():
        known[node][space] = frozenset(values)
    nodes: list[tuple[int, int]] = []
    refused: list[tuple[int, int]] = []
    for each in edges.values():
        inside = {node for edge in each for node in (edge.a, edge.b)}
        own: dict[int, Identified] = {node: known[node] for node in inside if node in known}
        groups, left = separate_cluster(each, [pair for pair in barred if inside.issuperset(pair)], own)
        nodes += groups.items()
        refused += [(edge.a, edge.b) for edge in left]
    return nodes, refused


_START = """
    CREATE OR REPLACE TEMP TABLE way AS SELECT a, b FROM edge UNION SELECT b, a FROM edge;
    CREATE OR REPLACE TEMP TABLE label AS SELECT node, node AS cluster FROM record;
"""
_ROUND = """
    CREATE OR REPLACE TEMP TABLE near_label AS
        SELECT node, min(found) AS cluster FROM (
            SELECT node, cluster AS found FROM label
            UNION ALL SELECT way.a, label.cluster FROM way JOIN label ON label.node = way.b
        ) GROUP BY node;
    CREATE OR REPLACE TEMP TABLE next_label AS
        SELECT n.node, least(n.cluster, further.cluster) AS cluster
        FROM near_label n JOIN near_label further ON further.node = n.cluster;
"""
_CHANGED = "SELECT count(*) FROM label JOIN next_label n USING (node) WHERE label.cluster <> n.cluster"
_CONTRADICTED = """
    CREATE OR REPLACE TEMP TABLE contradicted AS
        SELECT one.cluster FROM barred JOIN label one ON one.node = barred.a JOIN label other ON other.node = barred.b
        WHERE one.cluster = other.cluster
        UNION
        -- Only similarity may not join different identifiers: a component without it is as the identifiers say.
        SELECT cluster FROM identifier JOIN label USING (node) WHERE checked
        GROUP BY cluster, space HAVING count(DISTINCT value) > 1
    ;
"""
_THEIR_EDGES = """
    SELECT cluster, a, b, stage, score FROM edge JOIN label ON label.node = edge.a
    WHERE cluster IN (FROM contradicted) ORDER BY ALL
"""
_THEIR_IDENTIFIERS = """
    SELECT node, space, list(DISTINCT value) FROM identifier JOIN label USING (node)
    WHERE checked AND cluster IN (FROM contradicted) GROUP BY node, space
"""
_FINAL = """
    CREATE OR REPLACE TEMP TABLE member AS
        SELECT node, coalesce(d.cluster, label.cluster) AS cluster FROM label LEFT JOIN divided_nodes d USING (node);
    CREATE OR REPLACE TEMP TABLE refused AS FROM refused_pairs;
"""
