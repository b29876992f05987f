"""What is known of the rows of an operator: which sensitive values are in its columns, and decide about its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final, Literal

from citylake.pipelines.marts.leaks.source_columns import SourceColumn
from citylake.schemas.model.sensitivity_level import SensitivityLevel

Shape = Literal["plain", "linear", "selected", "joined", "other"]
"""How a value got where it is. ``plain``: unchanged; ``linear``: times and plus constants, or one number of each
person; ``selected``: rows were chosen by it with constants; ``joined``: rows of one person were brought together by
it; ``other``: in any other way, so that no aggregate lowers it."""
Need = tuple[int, str]
"""What a count must count so that a group is large enough: rows of a scan, where this column (or none) has a value."""
_STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Flow:
    """A path from a sensitive column to where it is now. ``level``: what is left of its sensitivity.

    ``scan``: the number of the reading of the table; ``held``: the number of the aggregate that it went through,
    which lowers it as soon as the group is known to be large enough (``need``). The path itself is not compared.
    """

    source: SourceColumn
    level: SensitivityLevel
    shape: Shape = "plain"
    scan: int = 0
    held: int = 0
    need: Need = (0, "")
    coarse: bool = False
    """Whether it is a generalised value: one of a few."""
    steps: tuple[str, ...] = field(default=(), compare=False)
    line: int | None = field(default=None, compare=False)

    def hardened(self, step: str = "", line: int | None = None) -> Flow:
        """The flow after a step by which no aggregate lowers it any more."""
        return replace(self.stepped(step, line), shape="other", scan=0, held=0, need=(0, ""))

    def stepped(self, step: str, line: int | None = None) -> Flow:
        """The flow with one more step in its path."""
        steps = (*self.steps, step) if step and len(self.steps) < _STEPS and step not in self.steps[-1:] else self.steps
        return replace(self, steps=steps, line=self.line or line)


Flows = frozenset[Flow]
NOTHING: Final[Flows] = frozenset()


@dataclass(frozen=True, slots=True)
class Guard:
    """A count of an aggregate: of how many persons or records a group consists."""

    held: int
    covers: frozenset[Need]


@dataclass(frozen=True, slots=True)
class Cell:
    """One column. ``origin``: the column that it is, unchanged, and the number of its scan. ``text``: what it is made
    of, the same for the same expression over the same rows.
    """

    flows: Flows = NOTHING
    origin: tuple[int, str] | None = None
    guard: Guard | None = None
    constant: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """One reading of a dataset within an operator's rows.

    ``once``: each of its rows occurs at most once; ``present``: every row has one of its rows; ``key``: the columns in
    which its rows still differ from each other (None: not known); ``twins``: scans joined to it person by person.
    """

    number: int
    dataset: str
    key: frozenset[str] | None
    once: bool = True
    present: bool = True
    twins: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rows:
    """``presence``: what decides which rows there are. ``keys``: places of columns in which no two rows are equal.

    ``filled``: columns of scans that have a value in each row. ``datasets``: sensitive datasets whose single rows
    these are. ``form``: how the rows came about, the same for the same rows.
    """

    cells: tuple[Cell, ...]
    presence: Flows = NOTHING
    scans: tuple[Scan, ...] = ()
    keys: frozenset[frozenset[int]] = frozenset()
    filled: frozenset[tuple[int, str]] = frozenset()
    datasets: frozenset[str] = frozenset()
    form: str = ""

    def scan(self, number: int) -> Scan | None:
        """The scan with this number."""
        return next((each for each in self.scans if each.number == number), None)

    @property
    def flows(self) -> Flows:
        """Everything that is in a column or decides about a row."""
        return joined_flows([self.presence, *(each.flows for each in self.cells)])


def joined_flows(many: Iterable[Flows]) -> Flows:
    """Return the union; of equal flows the first path stays."""
    found: Flows = NOTHING
    for each in many:
        found = found | each if found else each
    return found


def hardened(flows: Flows, step: str = "", line: int | None = None) -> Flows:
    """Return flows after a step by which no aggregate lowers them any more."""
    return frozenset(each.hardened(step, line) for each in flows) if flows else flows


def digest(*parts: object) -> str:
    """Return a short text that is the same for the same parts."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=12).hexdigest()
