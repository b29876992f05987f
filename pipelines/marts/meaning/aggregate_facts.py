"""Facts of sums, means and other aggregates, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from citylake.pipelines.marts.meaning.column_fact import NONE_OF, Fact, Finding, Source, unlike
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.row_facts import Rows
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

_SUMS: Final = frozenset({"sum", "fsum", "kahan_sum", "sumkahan", "sum_no_overflow"})
_MEANS: Final = frozenset({"avg", "mean", "favg"})
_PICKS: Final = frozenset(
    {"min", "max", "any_value", "first", "last", "arbitrary", "arg_min", "arg_max", "min_by", "max_by", "mode",
     "median", "quantile", "quantile_cont", "quantile_disc", "arg_min_null", "arg_max_null",
     "first_value", "last_value", "nth_value", "lag", "lead"}
)  # fmt: skip
_ACROSS: Final = _SUMS | _MEANS | {"min", "max", "median", "quantile", "quantile_cont", "quantile_disc"}
COUNTS: Final = frozenset({"count", "count_star", "approx_count_distinct"})


class AggregateFacts:
    """Reads aggregates over ``rows``, of which a group has one value each of ``groups``."""

    def __init__(self, findings: Findings, rows: Rows, groups: Iterable[Source]) -> None:
        self._findings, self._rows = findings, rows
        self._groups = frozenset(groups)

    def fact(self, expression: PlanExpression, args: list[Fact], fixed: frozenset[Source]) -> Fact:
        """Return the fact of an aggregate or window. ``fixed``: what its FILTER leaves one value of."""
        name, groups = expression.name, self._groups | fixed
        if name in COUNTS:
            if name == "count" and args and not expression.distinct:
                self._check_repeated(expression, args[0], groups)
            return replace(unlike(args), total=True, carries=NONE_OF)
        if not args:
            return Fact(depends=None)
        value, one_row = args[0], self._one_row(groups)
        if name in _ACROSS and not value.named:
            self._check_edition(expression, value, groups)
        if name in _SUMS:
            return self._sum(expression, value, groups, one_row)
        if name in _MEANS:
            return self._mean(expression, value, one_row)
        return replace(value, source=None, weight=None, parts=()) if name in _PICKS else unlike(args)

    def _sum(self, expression: PlanExpression, value: Fact, groups: frozenset[Source], one_row: bool) -> Fact:
        found = replace(value, source=None, total=True, whole=False, weight=None, constant=None)
        if value.constant is not None:
            return found
        if value.named:
            self._add("SUM_OF_CODES", expression, value, right=f"count(*) … GROUP BY {value.name}")
        if not expression.distinct:
            self._check_repeated(expression, value, groups)
        if one_row:
            return found
        if value.subtotal:
            right = f"sum({value.name}) FILTER (WHERE GROUPING(…) = 0)"
            self._add("SUM_OF_SUBTOTALS", expression, value, right=right)
        if value.measure == "intensity":
            weighted = weighted_form(value) if value.weight else f"avg({value.name})"
            return replace(found, suspects=(self._fault("SUM_OF_INTENSITY", expression, value, right=weighted),))
        if value.measure == "stock" and (times := self._times_of(value, groups)):
            named = ", ".join(sorted(name for _, name in times))
            fault = self._fault("SUM_OF_STOCK", expression, value, times=named, right=f"arg_max({value.name}, {named})")
            return replace(found, suspects=(fault,))
        return found

    def _mean(self, expression: PlanExpression, value: Fact, one_row: bool) -> Fact:
        if value.named:
            self._add("MEAN_OF_CODES", expression, value, right=f"count(*) … GROUP BY {value.name}")
        elif not one_row and value.weight:
            self._add("MEAN_UNWEIGHTED", expression, value, weight=value.weight.column, right=weighted_form(value))
        elif not one_row and value.mean and not expression.window_order:
            right = f"sum({value.name} * n) / sum(n)"
            self._add("MEAN_OF_MEANS", expression, value, right=right)
        return replace(value, source=None, mean=value.mean or not one_row, total=False, weight=None, constant=None)

    def _check_repeated(self, expression: PlanExpression, value: Fact, groups: frozenset[Source]) -> None:
        numbers = {number for number, _ in value.carries} & self._rows.origins.keys()
        if not numbers:
            return
        culprits = [self._rows.repeated_by(number, groups) for number in sorted(numbers)]
        repeated = [each for each in culprits if each is not None]
        if len(repeated) < len(culprits):
            return
        if expression.name == "count" and self._own_groups(numbers, groups):
            return
        own = ", ".join(sorted(self._rows.origins[number].name for number in numbers))
        by = repeated[0]
        missing = by.smallest_key(self._rows.determined(groups | self._columns_of(numbers), lenient=True))
        if value.measure == "stock" and missing <= by.times and expression.name != "count":
            named = ", ".join(sorted(name for _, name in missing))
            self._add("SUM_OF_STOCK", expression, value, times=named, right=f"… GROUP BY {named}")
            return
        self._add(
            "JOIN_REPEATS_ROWS",
            expression,
            value,
            table=own,
            other=by.name,
            keys=", ".join(sorted(name for _, name in missing)) or "–",
        )

    def _columns_of(self, numbers: Iterable[int]) -> frozenset[Source]:
        return frozenset[Source]().union(*(self._rows.origins[number].columns for number in numbers))

    def _own_groups(self, numbers: Iterable[int], groups: frozenset[Source]) -> bool:
        """Whether each group is one row of them: then it is not they that are counted."""
        found = self._rows.determined(groups, lenient=True)
        return all(any(key <= found for key in self._rows.origins[number].keys) for number in numbers)

    def _check_edition(self, expression: PlanExpression, value: Fact, groups: frozenset[Source]) -> None:
        edition = value.edition
        if edition is None or edition[0] not in self._rows.origins:
            return
        origin, found = self._rows.origins[edition[0]], self._rows.determined(groups)
        in_key = any(edition in key for key in origin.keys)
        if edition in found or (not in_key and origin.times & found):
            return
        self._add("EDITIONS_MIXED", expression, value, edition=edition[1], right=f"GROUP BY …, {edition[1]}")

    def _times_of(self, value: Fact, groups: frozenset[Source]) -> frozenset[Source]:
        """The times that each thing has several of within a group."""
        missing = frozenset[Source]()
        for number in {number for number, _ in value.carries} & self._rows.origins.keys():
            origin = self._rows.origins[number]
            for key in origin.keys[:1]:
                times = key & origin.times
                found = self._rows.determined(groups | (key - times))
                if not (origin.versions & found):
                    missing |= times - found
        return missing

    def _one_row(self, groups: frozenset[Source]) -> bool:
        """Whether a group is one row."""
        found = self._rows.determined(groups)
        origins = self._rows.origins.values()
        return bool(origins) and all(any(key <= found for key in origin.keys) for origin in origins)

    def _add(self, code: str, expression: PlanExpression, value: Fact, **values: str) -> None:
        self._findings.add(self._fault(code, expression, value, **values))

    def _fault(self, code: str, expression: PlanExpression, value: Fact, **values: str) -> Finding:
        line = self._findings.line(expression, value.name)
        return self._findings.fault(code, line, column=value.name or "?", call=expression.name, **values)


def weighted_form(value: Fact) -> str:
    """Return the SQL of the weighted mean of a column."""
    assert value.weight is not None
    weight, name = value.weight.column, value.name
    return f"sum({weight} * {name}) / sum({weight}) FILTER (WHERE {name} IS NOT NULL)"
