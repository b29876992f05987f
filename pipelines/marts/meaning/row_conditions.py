"""What conditions of WHERE and JOIN say about rows: which columns determine which, and which are one in number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from citylake.pipelines.marts.meaning.column_fact import NONE_OF, Fact, Source
from citylake.pipelines.marts.meaning.expression_facts import ExpressionFacts
from citylake.pipelines.marts.meaning.row_facts import Dependency, Rows
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

EQUAL: Final = ("compare_equal", "compare_not_distinct_from", "equal", "not_distinct_from")
_CLOCK: Final = frozenset({"hour", "minute", "date_part", "datepart", "strftime", "day", "dayofmonth", "month", "year"})


def conjuncts(conditions: Iterable[PlanExpression]) -> Iterator[PlanExpression]:
    """Yield the conditions that all hold."""
    for each in conditions:
        if each.kind == "conjunction" and each.name == "conjunction_and":
            yield from conjuncts(each.args)
        else:
            yield each


def equality(one: Fact, two: Fact) -> Iterator[Dependency]:
    """Yield what an equality says: either side determines the other, if that is a column."""
    for given, target in ((one, two), (two, one)):
        if target.source is not None and given.depends is not None:
            yield given.depends, target.source


def condition_dependencies(
    conditions: Iterable[PlanExpression], rows: Rows, reader: ExpressionFacts
) -> Iterator[Dependency]:
    """Yield what ``conditions`` over the columns of ``rows`` say."""
    for each in conjuncts(conditions):
        if (each.kind == "comparison" and each.name in EQUAL) or (each.name == "compare_in" and len(each.args) == 2):
            yield from _equality(each.args, rows.columns, reader)
        elif each.name == "conjunction_or":
            yield from _common([list(condition_dependencies([one], rows, reader)) for one in each.args])
        yield from version_dependencies(each, rows)


def _common(branches: Sequence[Sequence[Dependency]]) -> Iterator[Dependency]:
    """Yield what every branch of an OR says."""
    first, *others = branches
    yield from (each for each in first if all(each in other for other in others))


def version_dependencies(condition: PlanExpression, rows: Rows) -> Iterator[Dependency]:
    """Yield that one version of a register's row is selected, if the condition is about its validity."""
    read = {rows.columns[index].source for index in condition.columns() if index < len(rows.columns)}
    for origin in rows.origins.values():
        if origin.versions & read:
            yield from ((NONE_OF, version) for version in origin.versions)


def chosen_partition(condition: PlanExpression, rows: Rows, reader: ExpressionFacts) -> frozenset[Source] | None:
    """Return the columns of which each value has one row, if the condition selects by row_number() or a maximum."""
    if condition.kind != "comparison" or condition.name not in EQUAL:
        return None
    facts = [reader.fact(each, rows.columns) for each in condition.args]
    return next((each.chosen_by for each in facts if each.chosen_by is not None), None)


def _equality(args: Sequence[PlanExpression], columns: Sequence[Fact], reader: ExpressionFacts) -> Iterator[Dependency]:
    one, two = (reader.fact(each, columns) for each in args)
    yield from equality(one, two)
    for expression, other in ((args[0], two), (args[1], one)):
        # One hour of each day: with the day, it determines the time.
        if other.depends == NONE_OF and any(each.name in _CLOCK for each in expression.walk()):
            sources = {columns[index].source for index in expression.columns()}
            yield from ((NONE_OF, each) for each in sources if each is not None)
