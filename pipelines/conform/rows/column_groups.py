"""Which columns of a contract are evaluated together, and from which fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citylake.pipelines.conform.bind.bound_column import BoundColumn, required_fields
from citylake.pipelines.conform.bind.conform_plan import ConformVocabulary, partition_time_column
from citylake.pipelines.conform.bind.coordinate_pairs import coordinate_pairs, pair_frame
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.place_words import moves_coordinates


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns that depend on the same few texts and on nothing else in the row.

    ``fields`` are source fields, ``given`` columns of other units (``_date`` is the event's).
    """

    bounds: tuple[BoundColumn, ...]
    fields: tuple[str, ...]
    given: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its first column, which identifies the unit."""
        return self.bounds[0].column

    @property
    def has_text(self) -> bool:
        """Whether its first column has texts of the source."""
        return self.bounds[0].holds_text and bool(self.bounds[0].fields)

    @property
    def alone(self) -> bool:
        """Whether it depends on one source field."""
        return len(self.fields) == 1 and not self.given


def column_groups(contract: Contract, bounds: Sequence[BoundColumn], words: ConformVocabulary) -> list[ColumnGroup]:
    """The units of a contract; units that depend on others come last."""
    joined = [pair for pair in coordinate_pairs(bounds) if moves_coordinates(pair_frame(*pair))]
    units = [_column_group(pair) for pair in joined]
    taken = {bound.column for pair in joined for bound in pair}
    units += [
        _column_group([bound], _day_inputs(contract, bound, words)) for bound in bounds if bound.column not in taken
    ]
    return sorted(units, key=lambda unit: len(unit.given))


def _column_group(bounds: Sequence[BoundColumn], given: tuple[str, ...] = ()) -> ColumnGroup:
    return ColumnGroup(
        tuple(bounds), tuple(dict.fromkeys(field for bound in bounds for field in _group_fields(bound))), given
    )


def _group_fields(bound: BoundColumn) -> list[str]:
    """The source fields, without the other coordinate of a pair unless the frame is shifted."""
    shifted = moves_coordinates(bound.binding.frame)
    return [
        field for field in required_fields(bound) if shifted or field != bound.binding.pair or field in bound.fields
    ]


def _day_inputs(contract: Contract, bound: BoundColumn, words: ConformVocabulary) -> tuple[str, ...]:
    """The column of the day on which a code must be valid."""
    if not bound.codes or not words.codes.dated(bound):
        return ()
    if bound.binding.code_at:
        return (bound.binding.code_at,)
    return ("_date",) if partition_time_column(contract) else ()
