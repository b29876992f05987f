"""What is known of one column or expression."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from citylake.pipelines.marts.meaning.unit_readings import Unit

if TYPE_CHECKING:
    from citylake.schemas.model.element import CoordinateFrame, Measure, TimeLabel

Source = tuple[int, str]
"""A column of one origin of rows: the number of the origin, and its name or place there."""
NONE_OF: frozenset[Source] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong: the issue type, the line in the SQL (from 1), and the values of its placeholders."""

    code: str
    line: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weight:
    """A column with the element by which means are weighted."""

    column: str


@dataclass(frozen=True, slots=True)
class Fact:
    """All attributes are empty if nothing is known; then nothing is concluded.

    ``named``: its values name things or classes. ``mean``: it is a mean or a ratio of totals. ``total``: a sum;
    ``whole``: the sum of a window, of which rows have shares.
    ``edition``: the column beside it with the edition of its index. ``source``: the column whose values it has
    unchanged. ``depends``: the columns that determine it; None if that is not known. ``carries``: those whose values
    are in it, and not only in its conditions. ``suspects``: sums that may be part of a mean still.
    """

    name: str = ""
    unit: Unit | None = None
    measure: Measure | None = None
    named: bool = False
    mean: bool = False
    total: bool = False
    whole: bool = False
    subtotal: bool = False
    weight: Weight | None = None
    frame: CoordinateFrame | None = None
    label: TimeLabel | None = None
    edition: Source | None = None
    source: Source | None = None
    depends: frozenset[Source] | None = NONE_OF
    carries: frozenset[Source] = NONE_OF
    temporal: bool = False
    constant: Any = None
    parts: tuple[tuple[str, Fact], ...] = ()
    suspects: tuple[Finding, ...] = ()
    chosen_by: frozenset[Source] | None = None
    """Of row_number(): the partition in which each number occurs once."""

    @property
    def number(self) -> Fraction | None:
        """The number that it is, if it is a constant."""
        value = self.constant
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        try:
            return Fraction(str(value))
        except ValueError:
            return None

    def computed(self) -> Fact:
        """What stays known of a value that is changed: what it depends on."""
        return Fact(self.name, depends=self.depends, carries=self.carries, suspects=self.suspects)

    def renamed(self, name: str) -> Fact:
        """The same with another name, if there is one."""
        return replace(self, name=name) if name else self


def depending_on(facts: Iterable[Fact]) -> tuple[frozenset[Source] | None, frozenset[Source]]:
    """What an expression of ``facts`` depends on and carries."""
    known = list(facts)
    carries = frozenset[Source]().union(*(each.carries for each in known))
    if any(each.depends is None for each in known):
        return None, carries
    return frozenset[Source]().union(*(each.depends or NONE_OF for each in known)), carries


def unlike(facts: Sequence[Fact]) -> Fact:
    """What is known of any function of ``facts``."""
    depends, carries = depending_on(facts)
    name = next((each.name for each in facts if each.name), "")
    return Fact(name, depends=depends, carries=carries, suspects=all_suspects(facts))


def all_suspects(facts: Iterable[Fact]) -> tuple[Finding, ...]:
    """The suspects of all facts, each once."""
    found: list[Finding] = []
    for fact in facts:
        found += [each for each in fact.suspects if each not in found]
    return tuple(found)


def either(facts: Sequence[Fact]) -> Fact:
    """What is known of a value that is one of ``facts``: of a union, or the branches of a CASE."""
    known = [each for each in facts if each.constant is None and each != Fact()]
    if not known:
        return unlike(facts)
    depends, carries = depending_on(facts)
    found = reduce(_either, known)
    source = known[0].source if len(known) == 1 and len(facts) == 1 else None
    return replace(found, source=source, depends=depends, carries=carries, suspects=all_suspects(facts), constant=None)


def _either(one: Fact, two: Fact) -> Fact:
    return replace(
        one,
        name=one.name or two.name,
        unit=one.unit.common(two.unit) if one.unit and two.unit else one.unit or two.unit,
        measure=one.measure if one.measure == two.measure else None,
        named=one.named and two.named,
        mean=one.mean or two.mean,
        total=one.total and two.total,
        subtotal=one.subtotal or two.subtotal,
        weight=one.weight if two.weight else None,
        frame=one.frame or two.frame,
        label=one.label or two.label,
        edition=one.edition or two.edition,
        temporal=one.temporal or two.temporal,
        parts=(),
        chosen_by=None,
    )
