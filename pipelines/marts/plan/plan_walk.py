"""The walk over a bound plan, from its tables up: what holds for the rows of each operator, in terms of a domain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from citylake.pipelines.marts.plan.plan_operators import (
    Aggregate,
    CommonTable,
    CommonTableScan,
    ConstantRows,
    Distinct,
    Filter,
    FunctionScan,
    Join,
    Operator,
    Ordered,
    OuterColumns,
    Projection,
    RecursiveTable,
    SetOperation,
    TableScan,
    UnnestColumns,
    WindowColumns,
)

R = TypeVar("R")
"""What is known of an operator's rows: usually one fact for each of its columns, and some for the rows."""
_ROUNDS: Final = 50


class PlanWalk(ABC, Generic[R]):
    """A subclass says, for each operator, what holds for its rows, given what holds for its inputs' rows.

    An instance walks one plan. :meth:`united` must have an end: after some rounds it returns its first argument.
    """

    def __init__(self) -> None:
        self._common: dict[int, R] = {}
        self._outside: list[tuple[Join, R]] = []

    def visit(self, operator: Operator) -> R:
        """Return what holds for the rows of ``operator``."""
        match operator:
            case Join():
                return self._join(operator)
            case CommonTable():
                self._common[operator.number] = self.visit(operator.inputs[0])
                return self.visit(operator.inputs[1])
            case RecursiveTable():
                return self._recursive(operator)
            case CommonTableScan():
                return self._common[operator.number]
            case OuterColumns():
                return self.outer(operator, self._candidates(operator))
            case _:
                return self._plain(operator)

    def _plain(self, operator: Operator) -> R:
        found = [self.visit(each) for each in operator.inputs]
        match operator:
            case TableScan():
                return self.scan(operator)
            case FunctionScan():
                return self.function_scan(operator, found)
            case ConstantRows():
                return self.constants(operator)
            case SetOperation():
                return self.set_operation(operator, found)
            case _:
                return self._of_one(operator, found[0])

    def _of_one(self, operator: Operator, rows: R) -> R:
        match operator:
            case Projection():
                return self.projection(operator, rows)
            case Filter():
                return self.filter(operator, rows)
            case Aggregate():
                return self.aggregate(operator, rows)
            case WindowColumns():
                return self.window(operator, rows)
            case UnnestColumns():
                return self.unnest(operator, rows)
            case Ordered():
                return self.ordered(operator, rows)
            case Distinct():
                return self.distinct(operator, rows)
        raise TypeError(type(operator).__name__)

    def _join(self, join: Join) -> R:
        left = self.visit(join.inputs[0])
        self._outside.append((join, left))
        right = self.visit(join.inputs[1])
        self._outside.pop()
        return self.join(join, left, right)

    def _candidates(self, operator: OuterColumns) -> list[tuple[Join, R]]:
        """The correlated joins around it whose columns it can be, the nearest first."""
        around = [(join, left) for join, left in reversed(self._outside) if join.correlated]
        return [each for each in around if tuple(one.type for one in each[0].correlated) == operator.types] or around

    def _recursive(self, operator: RecursiveTable) -> R:
        found = self.visit(operator.inputs[0])
        for _ in range(_ROUNDS):
            self._common[operator.number] = found
            again = self.united(found, self.visit(operator.inputs[1]))
            if again == found:
                break
            found = again
        return found

    @abstractmethod
    def scan(self, operator: TableScan) -> R:
        """A table of the lake."""

    @abstractmethod
    def function_scan(self, operator: FunctionScan, inputs: Sequence[R]) -> R:
        """A table function; without an input, its columns come from constants."""

    @abstractmethod
    def constants(self, operator: ConstantRows) -> R:
        """Rows of constants."""

    @abstractmethod
    def projection(self, operator: Projection, rows: R) -> R:
        """The SELECT list."""

    @abstractmethod
    def filter(self, operator: Filter, rows: R) -> R:
        """WHERE, HAVING or QUALIFY."""

    @abstractmethod
    def aggregate(self, operator: Aggregate, rows: R) -> R:
        """GROUP BY."""

    @abstractmethod
    def join(self, operator: Join, left: R, right: R) -> R:
        """A join of any kind."""

    @abstractmethod
    def outer(self, operator: OuterColumns, outside: Sequence[tuple[Join, R]]) -> R:
        """The outer columns of a correlated subquery: those of one of the joins in ``outside``, with its left rows."""

    @abstractmethod
    def set_operation(self, operator: SetOperation, inputs: Sequence[R]) -> R:
        """UNION, EXCEPT or INTERSECT."""

    @abstractmethod
    def united(self, first: R, again: R) -> R:
        """Either of two that have the same columns: of a recursive table."""

    @abstractmethod
    def window(self, operator: WindowColumns, rows: R) -> R:
        """Columns of window functions."""

    @abstractmethod
    def unnest(self, operator: UnnestColumns, rows: R) -> R:
        """Columns of elements of lists."""

    @abstractmethod
    def ordered(self, operator: Ordered, rows: R) -> R:
        """ORDER BY, LIMIT or a sample."""

    @abstractmethod
    def distinct(self, operator: Distinct, rows: R) -> R:
        """DISTINCT or DISTINCT ON."""
