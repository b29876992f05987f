"""Which columns of a contract are worked out together, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.conform.bound import Bound, needs
from pipelines.conform.coordinates import frame_of, pairs
from pipelines.conform.prepare import Words, event_column
from schemas.contract import Contract

SHIFTED = ("GCJ-02", "BD-09")


@dataclass(frozen=True, slots=True)
class Unit:
    """Columns that follow from the same few texts, whatever else is in the row.

    ``fields`` are source fields, ``given`` columns of other units (``_date`` is the event's).
    """

    bounds: tuple[Bound, ...]
    fields: tuple[str, ...]
    given: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its first column, which no other unit has."""
        return self.bounds[0].column

    @property
    def alone(self) -> bool:
        """Whether one source field decides it."""
        return len(self.fields) == 1 and not self.given


def units_of(contract: Contract, bounds: Sequence[Bound], words: Words) -> list[Unit]:
    """The units of a contract, those that need others last."""
    joined = [pair for pair in pairs(bounds) if frame_of(*pair) in SHIFTED]
    units = [_unit(pair) for pair in joined]
    taken = {bound.column for pair in joined for bound in pair}
    units += [_unit([bound], _given(contract, bound, words)) for bound in bounds if bound.column not in taken]
    return sorted(units, key=lambda unit: len(unit.given))


def _unit(bounds: Sequence[Bound], given: tuple[str, ...] = ()) -> Unit:
    return Unit(tuple(bounds), tuple(dict.fromkeys(field for bound in bounds for field in _fields(bound))), given)


def _fields(bound: Bound) -> list[str]:
    """The source fields, without the other half of a pair: it is asked for only where the frame is shifted."""
    shifted = bound.binding.frame in SHIFTED
    return [field for field in needs(bound) if shifted or field != bound.binding.pair or field in bound.fields]


def _given(contract: Contract, bound: Bound, words: Words) -> tuple[str, ...]:
    """The day by which a code is judged."""
    if not bound.codes or not words.codes.dated(bound):
        return ()
    if bound.binding.code_at:
        return (bound.binding.code_at,)
    return ("_date",) if event_column(contract) else ()
