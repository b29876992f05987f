"""What is known of rows: their columns, where they come from, and which columns determine which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from citylake.pipelines.marts.meaning.column_fact import Fact, Source

Dependency = tuple[frozenset[Source], Source]
"""The first columns determine the last one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Rows that a table, a GROUP BY or a UNION gives.

    ``keys``: sets of columns of which each has every value once; empty if none is known. ``times``: the columns with
    times. ``versions``: the columns that select the version of a register's row.
    """

    name: str
    columns: frozenset[Source] = frozenset()
    keys: tuple[frozenset[Source], ...] = ()
    times: frozenset[Source] = frozenset()
    versions: frozenset[Source] = frozenset()

    def smallest_key(self, determined: frozenset[Source]) -> frozenset[Source]:
        """What is missing of the key of which least is missing."""
        return min((key - determined for key in self.keys), key=len, default=frozenset())


@dataclass(frozen=True, slots=True)
class Rows:
    """``columns``: a fact for each column; ``origins``: by number, of which each row has one row, or none."""

    columns: tuple[Fact, ...]
    origins: Mapping[int, Origin] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()

    def with_columns(self, columns: Iterable[Fact]) -> Rows:
        """The same rows with other columns."""
        return replace(self, columns=tuple(columns))

    def with_dependencies(self, more: Iterable[Dependency]) -> Rows:
        """The same rows, with more that is known of what determines what."""
        return replace(self, dependencies=(*self.dependencies, *more))

    def determined(self, start: Iterable[Source], *, lenient: bool = False) -> frozenset[Source]:
        """All columns that ``start`` determines. ``lenient``: an origin without known keys is determined too."""
        found = set(start)
        if lenient:
            found |= {one for origin in self.origins.values() if not origin.keys for one in origin.columns}
        size = -1
        while size != len(found):
            size = len(found)
            found |= {target for needed, target in self.dependencies if needed <= found}
            for origin in self.origins.values():
                if any(key <= found for key in origin.keys):
                    found |= origin.columns
        return frozenset(found)

    def repeated_by(self, number: int, groups: Iterable[Source]) -> Origin | None:
        """The origin that repeats rows of the origin ``number`` within a group; None if none is known to."""
        found = self.determined({*self.origins[number].columns, *groups}, lenient=True)
        for other, origin in self.origins.items():
            if other != number and origin.keys and not any(key <= found for key in origin.keys):
                return origin
        return None

    def smallest(self, columns: Iterable[Source]) -> frozenset[Source]:
        """``columns`` without those that the others determine."""
        left = set(columns)
        for each in sorted(left):
            if each in self.determined(left - {each}):
                left.remove(each)
        return frozenset(left)
