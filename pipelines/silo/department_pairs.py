"""How many key values of one department another one has, domain by domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from citylake.pipelines.silo.find_paths import JoinSide
from citylake.pipelines.silo.key_sketch import SKETCHED, KeySketch, meet_sketches, sketch_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Sketches = Mapping[str, Mapping[str, KeySketch]]
"""Owner (a dataset or a department) → domain → the sketch of its values."""


@dataclass(frozen=True, slots=True)
class DomainMeeting:
    """The values of one domain in two owners. ``error``: of the shares, with 99.9 % certainty; 0: counted."""

    domain: str
    left_keys: int
    right_keys: int
    met: int
    error: float


@dataclass(frozen=True, slots=True)
class OwnerPair:
    """Two departments or datasets, and the domains that both have values of. All shares are of these values."""

    left: str
    right: str
    domains: tuple[DomainMeeting, ...]

    @property
    def left_keys(self) -> int:
        """The left side's different values of the common domains."""
        return sum(each.left_keys for each in self.domains)

    @property
    def right_keys(self) -> int:
        """The right side's different values of the common domains."""
        return sum(each.right_keys for each in self.domains)

    @property
    def error(self) -> float:
        """The greatest error of a domain's shares."""
        return max((each.error for each in self.domains), default=0.0)

    @property
    def met(self) -> int:
        """The values that both have."""
        return sum(each.met for each in self.domains)

    @property
    def left_share(self) -> float:
        """The share of the left side's key values that the right side has."""
        return min(1.0, self.met / self.left_keys) if self.left_keys else 0.0

    @property
    def right_share(self) -> float:
        """The share of the right side's key values that the left side has."""
        return min(1.0, self.met / self.right_keys) if self.right_keys else 0.0

    def document(self) -> dict[str, Any]:
        """Return the pair ready for JSON."""
        named = {"left": self.left, "right": self.right, "met": self.met, "error": self.error}
        keys = {"left_keys": self.left_keys, "right_keys": self.right_keys}
        shares = {"left_share": self.left_share, "right_share": self.right_share}
        return {**named, **keys, **shares, "domains": [asdict(each) for each in self.domains]}


def sketch_datasets(
    connection: DuckDBPyConnection, sides: Iterable[JoinSide], most: int = SKETCHED
) -> dict[str, dict[str, KeySketch]]:
    """Sketch the values of every column that names things, by dataset and domain."""
    found: dict[str, dict[str, KeySketch]] = {}
    for side in sides:
        of = found.setdefault(side.name, {})
        columns = [each for each in side.columns if each.kind in ("identifier", "code")]
        sketched = sketch_columns(connection, side.name, [each.column for each in columns], most)
        for column, sketch in zip(columns, sketched, strict=True):
            of[column.domain] = of[column.domain].union(sketch, most) if column.domain in of else sketch
    return found


def unite_sketches(
    sketches: Sketches, owners: Mapping[str, str], most: int = SKETCHED
) -> dict[str, dict[str, KeySketch]]:
    """Unite the sketches of datasets by their owner (dataset → owner)."""
    found: dict[str, dict[str, KeySketch]] = {}
    for name in sorted(sketches):
        of = found.setdefault(owners[name], {})
        for domain, sketch in sketches[name].items():
            of[domain] = of[domain].union(sketch, most) if domain in of else sketch
    return found


def owner_pairs(sketches: Sketches, owners: Sequence[str]) -> list[OwnerPair]:
    """Compare every two owners. Those without a common domain have no domains in their pair."""
    empty: Mapping[str, KeySketch] = {}
    return [
        OwnerPair(one, other, _meetings(sketches.get(one, empty), sketches.get(other, empty)))
        for one, other in combinations(owners, 2)
    ]


def _meetings(left: Mapping[str, KeySketch], right: Mapping[str, KeySketch]) -> tuple[DomainMeeting, ...]:
    found = []
    for domain in sorted(left.keys() & right.keys()):
        met = meet_sketches(left[domain], right[domain])
        found.append(DomainMeeting(domain, left[domain].distinct, right[domain].distinct, met.met, met.error))
    return tuple(found)
