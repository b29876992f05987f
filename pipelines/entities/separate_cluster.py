"""Divides the records of one cluster where not all may be together: the few clusters that contradict a decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Pair = tuple[int, int]
Identified = Mapping[str, frozenset[str]]
"""Space → the identifiers with check digits that a group of records has."""
_STAGES = {"review": 0, "identifier": 1, "similar": 2}


@dataclass(frozen=True, slots=True)
class Edge:
    """Evidence that two records are one entity."""

    a: int
    b: int
    stage: str
    score: float

    @property
    def order(self) -> tuple[int, float, int, int]:
        """The strongest first: decisions, identifiers, then by score; ties by the records."""
        return _STAGES[self.stage], -self.score, self.a, self.b


def separate_cluster(
    edges: Sequence[Edge], barred: Collection[Pair], identified: Mapping[int, Identified]
) -> tuple[dict[int, int], list[Edge]]:
    """Join records by ``edges``, the strongest first, unless that would bring a pair of ``barred`` together.

    A similar pair also does not join groups that have different identifiers of one space. Returns the smallest record
    of each record's group, and the edges that joined nothing because of this.
    """
    groups = _Groups(identified)
    for edge in edges:
        groups.add(edge.a)
        groups.add(edge.b)
    for a, b in barred:
        groups.bar(a, b)
    refused = [edge for edge in sorted(edges, key=lambda each: each.order) if not groups.join(edge)]
    return groups.smallest(), refused


class _Groups:
    """Groups of records with what must stay outside each."""

    def __init__(self, identified: Mapping[int, Identified]) -> None:
        self._given = identified
        self._parent: dict[int, int] = {}
        self._barred: dict[int, set[int]] = {}
        self._known: dict[int, dict[str, frozenset[str]]] = {}

    def add(self, node: int) -> None:
        if node not in self._parent:
            self._parent[node] = node
            self._barred[node] = set()
            self._known[node] = dict(self._given.get(node, {}))

    def bar(self, a: int, b: int) -> None:
        if a in self._parent and b in self._parent:
            self._barred[a].add(b)
            self._barred[b].add(a)

    def join(self, edge: Edge) -> bool:
        a, b = sorted((self._root(edge.a), self._root(edge.b)))
        if a == b:
            return True
        if any(self._root(other) == b for other in self._barred[a]):
            return False
        if edge.stage == "similar" and self._differ(a, b):
            return False
        self._parent[b] = a
        self._barred[a] |= self._barred.pop(b)
        for space, values in self._known.pop(b).items():
            self._known[a][space] = self._known[a].get(space, frozenset()) | values
        return True

    def smallest(self) -> dict[int, int]:
        # The smaller root always stays, so the root is the smallest record of its group.
        return {node: self._root(node) for node in self._parent}

    def _differ(self, a: int, b: int) -> bool:
        one, other = self._known[a], self._known[b]
        return any(space in other and not values & other[space] for space, values in one.items())

    def _root(self, node: int) -> int:
        while self._parent[node] != node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node
