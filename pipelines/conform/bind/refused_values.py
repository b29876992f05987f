"""Values that are refused while their row is kept: the column becomes null, and the row names it in ``_refused``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.coordinate_pairs import coordinate_pairs
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.conform.bind.value_flags import flag_column
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import any_rule_broken
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import REFUSED_COLUMN, derived_columns

REFUSED_PREFIX = "_refused."
"""Prefix of the Booleans by column."""


def refusable_columns(contract: Contract, bounds: Sequence[BoundColumn]) -> list[str]:
    """The columns whose values can be refused, in the contract's order."""
    named = _with_partners({name for rule in contract.rules for name in rule.refuse}, bounds)
    return [bound.column for bound in bounds if bound.binding.refuse == "value" or bound.column in named]


def _with_partners(columns: Iterable[str], bounds: Sequence[BoundColumn]) -> set[str]:
    """The columns, and the other coordinate of each: one without the other is no place."""
    pairs = [{bound.column for bound in pair} for pair in coordinate_pairs(bounds)]
    return set(columns).union(*(pair for pair in pairs if not pair.isdisjoint(columns)))


def refused_flags(columns: Iterable[str]) -> dict[str, pl.Expr]:
    """By column, whether its value was refused."""
    return {column: pl.col(REFUSED_PREFIX + column) for column in columns}


def refused_names(columns: Sequence[str]) -> pl.Expr:
    """``_refused``, from the Booleans by column."""
    named = [pl.when(flag).then(pl.lit(column)) for column, flag in refused_flags(columns).items()]
    joined = pl.concat_str(named, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias(REFUSED_COLUMN)


def refuse_by_column(
    frame: FrameT, bounds: Sequence[BoundColumn], rules: list[RowRule]
) -> tuple[FrameT, list[RowRule]]:
    """Refuse the values that break a rule of their own column, where the binding says so."""
    own = [bound.column for bound in bounds if bound.binding.refuse == "value"]
    if not own:
        return frame, rules
    named = [
        replace(rule, refuses=(rule.field,)) if rule.field in own and rule.severity == "error" else rule
        for rule in rules
    ]
    frame = frame.with_columns(pl.lit(value=False).alias(REFUSED_PREFIX + column) for column in own)
    return _refuse_by_rules(frame, bounds, named)


def refuse_by_row(
    frame: FrameT,
    bounds: Sequence[BoundColumn],
    pairs: Sequence[RowRule],
    declared: Sequence[RowRule],
    columns: Sequence[str],
) -> tuple[FrameT, list[RowRule]]:
    """Refuse what breaks a rule over several columns; ``columns`` are those whose values can be refused.

    Returns the rules on ``pairs`` of coordinates and the ``declared`` ones; both are unknown where a value was refused.
    """
    there = frame.collect_schema().names()
    missing = [REFUSED_PREFIX + column for column in columns if REFUSED_PREFIX + column not in there]
    frame = frame.with_columns(pl.lit(value=False).alias(name) for name in missing)
    places: tuple[FrameT, list[RowRule]] = _refuse_pairs(frame, bounds, pairs)
    named = [replace(rule, refuses=tuple(_with_partners(rule.refuses, bounds))) for rule in declared]
    rows: tuple[FrameT, list[RowRule]] = _refuse_by_rules(places[0], bounds, named)
    return rows[0], [*places[1], *rows[1]]


def _refuse_pairs(
    frame: FrameT, bounds: Sequence[BoundColumn], pairs: Sequence[RowRule]
) -> tuple[FrameT, list[RowRule]]:
    """Both coordinates of a pair are refused together."""
    rules, values = [], {bound.column for bound in bounds if bound.binding.refuse == "value"}
    for rule in pairs:
        if rule.severity != "error" or not values.issuperset(rule.over):
            rules.append(rule)
            continue
        rules.append(replace(rule, refuses=rule.over))
        either = pl.any_horizontal(list(refused_flags(rule.over).values()))
        frame = frame.with_columns(either.alias(REFUSED_PREFIX + column) for column in rule.over)
        frame = frame.with_columns(_without_refused(bounds, rule.over, frame))
    return _refuse_by_rules(frame, bounds, rules)


def _refuse_by_rules(
    frame: FrameT, bounds: Sequence[BoundColumn], rules: Sequence[RowRule]
) -> tuple[FrameT, list[RowRule]]:
    """Evaluate the rules that refuse values, then make the values null; the rules read their results from the frame."""
    by_column: dict[str, list[RowRule]] = {}
    settled, results = [], []
    for number, rule in enumerate(rules):
        if not rule.refuses:
            settled.append(rule)
            continue
        done, exprs = _settle(rule, f"{rule.code}.{rule.field}.{number}")
        settled.append(done)
        results += exprs
        for column in rule.refuses:
            by_column.setdefault(column, []).append(done)
    if not by_column:
        return frame, settled
    frame = frame.with_columns(results)
    frame = frame.with_columns(_refused_exprs(by_column, frame))
    return frame.with_columns(_without_refused(bounds, by_column, frame)), settled


def _settle(rule: RowRule, name: str) -> tuple[RowRule, list[pl.Expr]]:
    """The rule over columns of its results, which it keeps when the value is null; and these columns."""
    results: list[pl.Expr] = []

    def stored(part: str, expr: pl.Expr) -> pl.Expr:
        results.append(expr.alias(f"_{part}.{name}"))
        return pl.col(f"_{part}.{name}")

    value = None if rule.value is None else stored("value", rule.value)
    detail = None if rule.detail is None else stored("detail", rule.detail)
    return replace(rule, broken=stored("broken", rule.broken), value=value, detail=detail), results


def _refused_exprs(by_column: Mapping[str, Sequence[RowRule]], frame: pl.LazyFrame | pl.DataFrame) -> list[pl.Expr]:
    there = frame.collect_schema().names()
    exprs = []
    for column, rules in by_column.items():
        refused, name = any_rule_broken(rules), REFUSED_PREFIX + column
        exprs.append((pl.col(name) | refused if name in there else refused).alias(name))
    return exprs


def _without_refused(
    bounds: Sequence[BoundColumn], columns: Iterable[str], frame: pl.LazyFrame | pl.DataFrame
) -> list[pl.Expr]:
    """The columns, and those that are made from the same text, null where the value was refused."""
    there, wanted = frame.collect_schema().names(), set(columns)
    return [
        pl.when(~pl.col(REFUSED_PREFIX + bound.column)).then(pl.col(name)).alias(name)
        for bound in bounds
        for name in (bound.column, *_columns_of_value(bound))
        if bound.column in wanted and name in there
    ]


def _columns_of_value(bound: BoundColumn) -> list[str]:
    """The columns beside the value, without its flag, which says why it was refused."""
    beside = derived_columns(bound.column, bound.binding, bound.element)
    return [name for name in beside if name != flag_column(bound)]
