"""The operators of a bound plan. An operator's columns have places: 0, 1, … in the order in which it returns them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

JoinKind = Literal["inner", "left", "right", "full", "semi", "anti", "right_semi", "right_anti", "mark", "single"]
SetKind = Literal["union", "except", "intersect"]
TableName = tuple[str, ...]
"""A table's name in one to three parts, as a mart's SQL writes it."""
ROW_ID = "rowid"


@dataclass(frozen=True, slots=True)
class TableScan:
    """``columns``: the names of the columns that are read; a number of a row is ``rowid``."""

    table: TableName
    columns: tuple[str, ...]
    inputs: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionScan:
    """A table function. If it has an input, each of its columns depends on all of the input."""

    function: str
    columns: tuple[str, ...]
    inputs: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class ConstantRows:
    """VALUES, or the one row without columns of a SELECT without FROM: ``rows`` of expressions."""

    rows: tuple[tuple[PlanExpression, ...], ...]
    width: int
    inputs: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class Projection:
    """Returns ``expressions``."""

    inputs: tuple[Operator]
    expressions: tuple[PlanExpression, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """Returns the columns of its input, at ``kept`` if not all. WHERE, HAVING and QUALIFY."""

    inputs: tuple[Operator]
    conditions: tuple[PlanExpression, ...]
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Returns ``groups``, then ``aggregates``, then ``groupings`` numbers of GROUPING().

    ``sets``: the places of groups in each grouping set; empty for a plain GROUP BY of all groups.
    """

    inputs: tuple[Operator]
    groups: tuple[PlanExpression, ...]
    aggregates: tuple[PlanExpression, ...]
    sets: tuple[tuple[int, ...], ...] = ()
    groupings: int = 0


@dataclass(frozen=True, slots=True)
class JoinCondition:
    """``left`` refers to columns of the left input alone, ``right`` to those of the right input alone."""

    left: PlanExpression
    right: PlanExpression
    comparison: str


@dataclass(frozen=True, slots=True)
class Join:
    """Returns the columns of the left input, then those of the right one; of one alone if ``kind`` is semi or anti.

    ``mark`` (IN, EXISTS) returns the left columns and a boolean, ``single`` (a scalar subquery) the left columns and
    those of at most one row. ``condition``: any condition, over the columns of both. Without conditions: a product.
    ``correlated``: the left expressions that a correlated right input reads as an :class:`OuterColumns`.
    ``asof``: the last condition selects one row of the right input. ``left_kept`` and ``right_kept``: the places of the
    columns that are returned, if not all.
    """

    inputs: tuple[Operator, Operator]
    kind: JoinKind
    conditions: tuple[JoinCondition, ...] = ()
    condition: PlanExpression | None = None
    correlated: tuple[PlanExpression, ...] = ()
    asof: bool = False
    positional: bool = False
    left_kept: tuple[int, ...] = ()
    right_kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OuterColumns:
    """The distinct values of a correlated join's left expressions, within its right input; ``types`` of them."""

    types: tuple[str, ...]
    inputs: tuple[Operator, ...] = ()


@dataclass(frozen=True, slots=True)
class SetOperation:
    """UNION, EXCEPT or INTERSECT of two or more inputs with as many columns each; ``all``: with duplicates."""

    inputs: tuple[Operator, ...]
    kind: SetKind
    all: bool


@dataclass(frozen=True, slots=True)
class WindowColumns:
    """Returns the columns of its input, then ``expressions``, which are windows."""

    inputs: tuple[Operator]
    expressions: tuple[PlanExpression, ...]


@dataclass(frozen=True, slots=True)
class UnnestColumns:
    """Returns the columns of its input, then ``expressions``, one row for each of their elements."""

    inputs: tuple[Operator]
    expressions: tuple[PlanExpression, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """Returns its input. ``keys``: ORDER BY; ``limited``: LIMIT or a sample, by which rows are left out."""

    inputs: tuple[Operator]
    keys: tuple[PlanExpression, ...] = ()
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Distinct:
    """Returns its input, one row for each value of ``keys`` (DISTINCT ON), or of all columns if there are none.

    ``order``: by which the row is chosen.
    """

    inputs: tuple[Operator]
    keys: tuple[PlanExpression, ...] = ()
    order: tuple[PlanExpression, ...] = ()


@dataclass(frozen=True, slots=True)
class CommonTable:
    """WITH: the first input is what ``number`` stands for in the second one, whose columns it returns."""

    inputs: tuple[Operator, Operator]
    number: int
    name: str = field(default="")


@dataclass(frozen=True, slots=True)
class RecursiveTable:
    """Returns the rows of its first input, and those of the second, in which ``number`` stands for the rows so far."""

    inputs: tuple[Operator, Operator]
    number: int
    width: int


@dataclass(frozen=True, slots=True)
class CommonTableScan:
    """What a :class:`CommonTable` or :class:`RecursiveTable` with this number returns."""

    number: int
    columns: tuple[str, ...]
    inputs: tuple[Operator, ...] = ()


Operator = (
    TableScan | FunctionScan | ConstantRows | Projection | Filter | Aggregate | Join | OuterColumns | SetOperation
    | WindowColumns | UnnestColumns | Ordered | Distinct | CommonTable | RecursiveTable | CommonTableScan
)  # fmt: skip


def walk_operators(top: Operator) -> Iterator[Operator]:
    """Yield ``top`` and every operator below it."""
    yield top
    for each in top.inputs:
        yield from walk_operators(each)


def expressions_of(operator: Operator) -> Iterator[PlanExpression]:
    """Yield the expressions of one operator."""
    match operator:
        case Projection() | WindowColumns() | UnnestColumns():
            yield from operator.expressions
        case Filter():
            yield from operator.conditions
        case Aggregate():
            yield from (*operator.groups, *operator.aggregates)
        case Join():
            yield from (side for each in operator.conditions for side in (each.left, each.right))
            yield from (operator.condition,) if operator.condition else ()
        case Ordered():
            yield from operator.keys
        case Distinct():
            yield from (*operator.keys, *operator.order)
        case ConstantRows():
            yield from (each for row in operator.rows for each in row)
        case _:
            return
