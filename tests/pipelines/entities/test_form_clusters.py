"""Clusters from pairs: every record in exactly one, the components of the graph, and ids that stay."""

from __future__ import annotations

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.entities.entity_ids import assign_entity_ids
from citylake.pipelines.entities.form_clusters import form_clusters

NODES = 9
PAIRS = st.sets(st.tuples(st.integers(1, NODES), st.integers(1, NODES)).filter(lambda pair: pair[0] < pair[1]))


def clusters(
    connection: duckdb.DuckDBPyConnection, pairs: set[tuple[int, int]], barred: set[tuple[int, int]]
) -> dict[int, int]:
    """Node → its cluster, and the ids in ``named``."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE record AS SELECT n AS node, 'd' AS dataset, n::VARCHAR AS record_key
            FROM range(1, {NODES + 1}) t(n);
        CREATE OR REPLACE TEMP TABLE identifier (node BIGINT, space VARCHAR, value VARCHAR, checked BOOLEAN);
        CREATE OR REPLACE TEMP TABLE edge (a BIGINT, b BIGINT, stage VARCHAR, score DOUBLE);
        CREATE OR REPLACE TEMP TABLE barred (a BIGINT, b BIGINT);
    """)
    for table, rows in (("edge", [(*pair, "similar", 0.99) for pair in pairs]), ("barred", list(barred))):
        if rows:
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    form_clusters(connection)
    return dict(connection.execute("SELECT node, cluster FROM member").fetchall())


def components(pairs: set[tuple[int, int]]) -> dict[int, int]:
    found = {node: node for node in range(1, NODES + 1)}
    for _ in range(NODES):
        for a, b in pairs:
            found[a] = found[b] = min(found[a], found[b])
    return found


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PAIRS, PAIRS, st.sets(st.tuples(st.integers(1, NODES), st.integers(1, NODES)), max_size=3))
def test_records_are_conserved_decisions_hold_and_ids_stay(
    before: set[tuple[int, int]], after: set[tuple[int, int]], rejected: set[tuple[int, int]]
) -> None:
    barred = {(a, b) for a, b in rejected if a < b}
    with duckdb.connect() as connection:
        connection.execute("CREATE TEMP TABLE earlier (dataset VARCHAR, record_key VARCHAR, entity_id VARCHAR)")
        assert clusters(connection, before, set()) == components(before)
        names = name(connection)
        found = clusters(connection, after, barred)
        assert found.keys() == set(range(1, NODES + 1))
        assert not [pair for pair in barred if found[pair[0]] == found[pair[1]]]
        again = name(connection)
        # One id for each cluster, and one cluster for each id.
        assert (
            len(set(again.values())) == len({(found[node], again[node]) for node in found}) == len(set(found.values()))
        )
        # A cluster that did not change keeps its id.
        for node in found:
            group = {other for other in found if found[other] == found[node]}
            if group == {other for other in names if names[other] == names[node]}:
                assert again[node] == names[node]
        assert name(connection) == again


def name(connection: duckdb.DuckDBPyConnection) -> dict[int, str]:
    assign_entity_ids(connection, "enterprise")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE earlier AS
            SELECT dataset, record_key, entity_id FROM record JOIN member USING (node) JOIN named USING (cluster)
    """)
    return dict(connection.execute("SELECT record_key::BIGINT, entity_id FROM earlier").fetchall())
