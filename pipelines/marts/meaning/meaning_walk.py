"""The walk over a bound SELECT that derives what its columns mean, and finds what is wrong on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Final

from citylake.pipelines.marts.meaning.aggregate_facts import COUNTS, AggregateFacts
from citylake.pipelines.marts.meaning.column_fact import NONE_OF, Fact, Source, depending_on, either
from citylake.pipelines.marts.meaning.expression_facts import ExpressionFacts
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.row_conditions import (
    EQUAL,
    chosen_partition,
    condition_dependencies,
    conjuncts,
    equality,
)
from citylake.pipelines.marts.meaning.row_facts import Origin, Rows
from citylake.pipelines.marts.meaning.rows_made import own_rows, renumbered
from citylake.pipelines.marts.meaning.table_facts import TableFacts
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression
from citylake.pipelines.marts.plan.plan_operators import (
    Aggregate,
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
    SetOperation,
    TableName,
    TableScan,
    UnnestColumns,
    WindowColumns,
)
from citylake.pipelines.marts.plan.plan_walk import PlanWalk

_SERIES: Final = ("range", "generate_series")
_ONE_ROW: Final = frozenset({"semi", "anti", "mark"})
_NUMBERED: Final = ("row_number", "rank", "dense_rank", "min", "max")


class MeaningWalk(PlanWalk[Rows]):
    """``tables`` says what is known of a table. The findings are added to ``findings``."""

    def __init__(self, tables: Callable[[TableName], TableFacts], findings: Findings) -> None:
        super().__init__()
        self._tables, self._findings = tables, findings
        self._reader = ExpressionFacts(findings)
        self._numbers = count()

    def visit(self, operator: Operator) -> Rows:
        """Return what holds for the rows of ``operator``. A WITH that is read twice gives rows of its own each time."""
        found = super().visit(operator)
        return renumbered(found, self._next) if isinstance(operator, CommonTableScan) else found

    def _next(self) -> int:
        return next(self._numbers)

    def scan(self, operator: TableScan) -> Rows:
        """A table: what is declared of it."""
        number, table = self._next(), self._tables(operator.table)
        columns = [self._column(number, name, table) for name in operator.columns]
        names = {*table.columns, *operator.columns, *table.times, *table.versions}.union(*table.keys)
        origin = Origin(
            ".".join(operator.table),
            frozenset((number, name) for name in names),
            tuple(frozenset((number, name) for name in key) for key in table.keys),
            frozenset((number, name) for name in table.times),
            frozenset((number, name) for name in table.versions),
        )
        return Rows(tuple(columns), {number: origin})

    def _column(self, number: int, name: str, table: TableFacts) -> Fact:
        source = number, name
        edition = (number, table.editions[name]) if name in table.editions else None
        known = table.columns.get(name, Fact(name))
        itself = frozenset({source})
        return replace(known, source=source, depends=itself, carries=itself, edition=edition)

    def function_scan(self, operator: FunctionScan, inputs: Sequence[Rows]) -> Rows:
        """A table function: a series has every value once."""
        columns = [Fact(name) for name in operator.columns]
        keys = [frozenset({0})] if operator.function in _SERIES and len(columns) == 1 and not inputs else []
        made = own_rows(self._next(), f"{operator.function}()", columns, keys)
        return self._beside(made, inputs)

    def _beside(self, made: Rows, inputs: Sequence[Rows]) -> Rows:
        """Rows that were made from each row of ``inputs``, which they determine."""
        itself = frozenset(source for origin in made.origins.values() for source in origin.columns)
        outside = {number: each for rows in inputs for number, each in rows.origins.items()}
        targets = (source for origin in outside.values() for key in origin.keys for source in key)
        known = (each for rows in inputs for each in rows.dependencies)
        return Rows(made.columns, {**outside, **made.origins}, (*known, *((itself, each) for each in targets)))

    def constants(self, operator: ConstantRows) -> Rows:
        """VALUES, or one row."""
        rows = [[self._reader.fact(each, ()) for each in row] for row in operator.rows]
        if len(rows) <= 1:
            return Rows(tuple(rows[0]) if rows else (Fact(),) * operator.width)
        columns = [replace(either(each), constant=None) for each in zip(*rows, strict=True)]
        return own_rows(self._next(), "VALUES", columns, [])

    def projection(self, operator: Projection, rows: Rows) -> Rows:
        """The SELECT list."""
        return rows.with_columns(self._named(each, rows) for each in operator.expressions)

    def _named(self, expression: PlanExpression, rows: Rows) -> Fact:
        fact = self._reader.fact(expression, rows.columns)
        alias = expression.alias.rpartition(".")[2]
        return fact.renamed(alias) if alias.isidentifier() else fact

    def filter(self, operator: Filter, rows: Rows) -> Rows:
        """WHERE, HAVING or QUALIFY: what it says about which columns determine which."""
        for each in operator.conditions:
            self._report(each, rows)
        found = rows.with_dependencies(condition_dependencies(operator.conditions, rows, self._reader))
        for each in conjuncts(operator.conditions):
            found = self._chosen(each, found)
        return found.with_columns(_kept(found.columns, operator.kept))

    def _report(self, condition: PlanExpression, rows: Rows) -> None:
        """Add the suspect sums that a condition compares, if it is more than a guard against zero."""
        fact = self._reader.fact(condition, rows.columns)
        if not any(each.kind == "constant" and each.value in (0, None) for each in condition.walk()):
            for suspect in fact.suspects:
                self._findings.add(suspect)

    def _chosen(self, condition: PlanExpression, rows: Rows) -> Rows:
        by = chosen_partition(condition, rows, self._reader)
        places = {fact.source: place for place, fact in enumerate(rows.columns) if fact.source}
        if by is None or not by <= places.keys():
            return rows
        names = ", ".join(sorted({origin.name for origin in rows.origins.values()}))
        return own_rows(self._next(), names, rows.columns, [frozenset(places[each] for each in by)])

    def aggregate(self, operator: Aggregate, rows: Rows) -> Rows:
        """GROUP BY: rows of their own, one for each group."""
        groups = [self._reader.fact(each, rows.columns) for each in operator.groups]
        sources = {each.source for each in groups if each.source}
        reader = AggregateFacts(self._findings, rows, () if operator.sets else sources)
        made = [self._aggregate(each, rows, reader) for each in operator.aggregates]
        smallest = rows.smallest(sources)
        key = frozenset(place for place, each in enumerate(groups) if each.source is None or each.source in smallest)
        extra = [Fact(depends=None)] * operator.groupings
        subtotal = [replace(each, subtotal=True) for each in made] if operator.sets else made
        name = ", ".join(sorted({origin.name for origin in rows.origins.values()}))
        keys = [] if operator.sets else [key]
        return own_rows(self._next(), name, [*groups, *subtotal, *extra], keys)

    def _aggregate(self, expression: PlanExpression, rows: Rows, reader: AggregateFacts) -> Fact:
        args = [self._reader.fact(each, rows.columns) for each in expression.args]
        conditions = [expression.filter] if expression.filter else []
        told = rows.with_dependencies(condition_dependencies(conditions, rows, self._reader))
        return reader.fact(expression, args, told.determined(()))

    def window(self, operator: WindowColumns, rows: Rows) -> Rows:
        """Window functions, each in its partition."""
        return rows.with_columns([*rows.columns, *(self._window(each, rows) for each in operator.expressions)])

    def _window(self, expression: PlanExpression, rows: Rows) -> Fact:
        partition = [self._reader.fact(each, rows.columns) for each in expression.partition]
        for each in expression.window_order:
            self._reader.fact(each, rows.columns)
        sources = frozenset(each.source for each in partition if each.source)
        chosen = sources if all(each.source for each in partition) else None
        if expression.name in ("row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist"):
            return Fact(depends=None, chosen_by=chosen if expression.name in _NUMBERED else None)
        found = self._aggregate(expression, rows, AggregateFacts(self._findings, rows, sources))
        numbered = chosen if expression.name in _NUMBERED else None
        whole = found.total and expression.name not in COUNTS
        return replace(found, depends=None, source=None, whole=whole, chosen_by=numbered)

    def join(self, join: Join, left: Rows, right: Rows) -> Rows:
        """A join: its conditions, and both sides’ origins."""
        both = Rows((*left.columns, *right.columns), {**left.origins, **right.origins})
        both = both.with_dependencies((*left.dependencies, *right.dependencies))
        for each in join.conditions:
            one, two = self._sides(each.left, each.right, each.comparison, left, right)
            if each.comparison in EQUAL:
                both = both.with_dependencies(equality(one, two))
        if join.condition:
            self._reader.fact(join.condition, both.columns)
            both = both.with_dependencies(condition_dependencies([join.condition], both, self._reader))
        both = self._versions(join, left, right, both)
        return self._joined(join, left, right, both)

    def _sides(
        self, one: PlanExpression, two: PlanExpression, comparison: str, left: Rows, right: Rows
    ) -> tuple[Fact, Fact]:
        facts = self._reader.fact(one, left.columns), self._reader.fact(two, right.columns)
        names = [each.name for each in facts]
        self._reader.likeness.check(
            facts, lambda: self._join_line(one, names), labels="equal" in comparison and "than" not in comparison
        )
        return facts

    def _join_line(self, side: PlanExpression, names: list[str]) -> int:
        return self._findings.line(side, *names) if side.kind != "column" else self._findings.column_line(names[0])

    def _versions(self, join: Join, left: Rows, right: Rows, both: Rows) -> Rows:
        read: set[Source | None] = set()
        for each in join.conditions:
            read |= {left.columns[index].source for index in each.left.columns()}
            read |= {right.columns[index].source for index in each.right.columns()}
        if join.condition:
            read |= {both.columns[index].source for index in join.condition.columns()}
        chosen = [each.versions for each in both.origins.values() if each.versions & read]
        return both.with_dependencies((NONE_OF, version) for versions in chosen for version in versions)

    def _joined(self, join: Join, left: Rows, right: Rows, both: Rows) -> Rows:
        if join.kind in _ONE_ROW:
            kept = _kept(left.columns, join.left_kept)
            return left.with_columns([*kept, Fact(depends=None)] if join.kind == "mark" else kept)
        if join.kind in ("right_semi", "right_anti"):
            return right.with_columns(_kept(right.columns, join.right_kept))
        found = [*_kept(left.columns, join.left_kept), *_kept(right.columns, join.right_kept)]
        if join.kind == "single" or join.asof or join.positional:
            # At most one row of the right side for each of the left one.
            told = self._outer_columns(join, left)
            once = [replace(each, source=None, depends=told, carries=NONE_OF, edition=None) for each in right.columns]
            kept = [*_kept(left.columns, join.left_kept), *_kept(once, join.right_kept)]
            return left.with_columns(kept)
        return both.with_columns(found)

    def _outer_columns(self, join: Join, left: Rows) -> frozenset[Source] | None:
        """What a scalar subquery depends on: nothing, or the outer columns that it reads."""
        if join.asof or join.positional:
            return None
        read = [self._reader.fact(each, left.columns) for each in join.correlated]
        return depending_on(read)[0] if join.correlated or not join.conditions else None

    def outer(self, operator: OuterColumns, outside: Sequence[tuple[Join, Rows]]) -> Rows:
        """The columns of the outer query."""
        if not outside:
            return own_rows(self._next(), "outer query", [Fact(depends=None) for _ in operator.types], [])
        join, left = outside[0]
        columns = [self._reader.fact(each, left.columns) for each in join.correlated]
        return own_rows(self._next(), "outer query", columns, [frozenset(range(len(columns)))])

    def set_operation(self, operator: SetOperation, inputs: Sequence[Rows]) -> Rows:
        """UNION: one fact of each column of all inputs."""
        if operator.kind != "union":
            return inputs[0]
        columns = []
        for facts in zip(*(each.columns for each in inputs), strict=True):
            name = next((each.name for each in facts if each.name), "")
            self._reader.likeness.check(facts, lambda named=name: self._findings.column_line(named), labels=True)  # type: ignore[misc]
            columns.append(either(facts).renamed(facts[0].name))
        keys = [] if operator.all else [frozenset(range(len(columns)))]
        return own_rows(self._next(), "UNION", columns, keys)

    def united(self, first: Rows, again: Rows) -> Rows:
        """A recursive table is what its first input is."""
        return first

    def unnest(self, operator: UnnestColumns, rows: Rows) -> Rows:
        """Elements of lists, of which nothing is known."""
        made = own_rows(self._next(), "unnest()", [Fact(depends=None) for _ in operator.expressions], [])
        return self._beside(made, [rows]).with_columns([*rows.columns, *made.columns])

    def ordered(self, operator: Ordered, rows: Rows) -> Rows:
        """The same rows."""
        return rows

    def distinct(self, operator: Distinct, rows: Rows) -> Rows:
        """Rows of their own, one for each value of the keys."""
        places = {fact.source: place for place, fact in enumerate(rows.columns) if fact.source}
        if operator.keys:
            keys = [self._reader.fact(each, rows.columns).source for each in operator.keys]
            key = frozenset(places[each] for each in keys if each in places)
            known = [key] if len(key) == len(keys) else []
            return own_rows(self._next(), "DISTINCT ON", rows.columns, known)
        smallest = rows.smallest(places)
        key = frozenset(
            place for place, each in enumerate(rows.columns) if each.source is None or each.source in smallest
        )
        return own_rows(self._next(), "DISTINCT", rows.columns, [key])


def _kept(columns: Sequence[Fact], places: Sequence[int]) -> Sequence[Fact]:
    return [columns[place] for place in places] if places else columns
