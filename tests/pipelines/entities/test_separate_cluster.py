"""The laws of dividing a cluster: decisions hold also through others, and order decides nothing."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.entities.separate_cluster import Edge, Identified, Pair, separate_cluster

NODES = st.integers(1, 8)
PAIRS = st.tuples(NODES, NODES).filter(lambda pair: pair[0] < pair[1])
EDGES = st.lists(
    st.builds(
        lambda pair, stage, score: Edge(pair[0], pair[1], stage, score),
        PAIRS,
        st.sampled_from(["review", "identifier", "similar"]),
        st.sampled_from([0.95, 0.99, 1.0]),
    ),
    min_size=1,
    max_size=14,
)
IDENTIFIED = st.dictionaries(NODES, st.sampled_from(["A", "B"]).map(lambda code: {"uscc": frozenset({code})}))


@settings(max_examples=40, deadline=None)
@given(EDGES, st.sets(PAIRS, max_size=4), IDENTIFIED, st.randoms())
def test_what_was_rejected_never_meets_and_the_order_of_pairs_decides_nothing(
    edges: list[Edge], barred: set[Pair], identified: dict[int, Identified], shuffled: random.Random
) -> None:
    groups, refused = separate_cluster(edges, barred, identified)
    assert groups.keys() == {node for edge in edges for node in (edge.a, edge.b)}
    assert not [pair for pair in barred if groups.get(pair[0], -1) == groups.get(pair[1], -2)]
    for edge in edges:
        assert groups[edge.a] == groups[edge.b] or edge in refused
    shuffled.shuffle(edges)
    assert separate_cluster(edges, barred, identified)[0] == groups


def test_similarity_never_joins_two_identifiers_and_equal_identifiers_do() -> None:
    known = {1: {"uscc": frozenset({"A"})}, 3: {"uscc": frozenset({"B"})}}
    chain = [Edge(1, 2, "similar", 0.99), Edge(2, 3, "similar", 0.97)]
    assert separate_cluster(chain, [], known) == ({1: 1, 2: 1, 3: 3}, [chain[1]])
    stated = [Edge(1, 2, "similar", 0.99), Edge(2, 3, "review", 1.0)]
    assert separate_cluster(stated, [], known)[0] == {1: 1, 2: 2, 3: 2}
