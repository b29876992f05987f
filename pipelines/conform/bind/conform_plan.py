"""The conform pass as one lazy plan: source fields in, standard columns and broken rules out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN
from citylake.pipelines.conform.bind import crosswalk_lookup
from citylake.pipelines.conform.bind.absent_columns import absent_columns
from citylake.pipelines.conform.bind.binding_rules import binding_rules, row_zone_rules
from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.clean_text import clean_text_expr
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.coordinate_pairs import convert_pairs, pair_rules
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.conform.bind.geometry_values import add_geometries
from citylake.pipelines.conform.bind.identifier_rules import identifier_rules
from citylake.pipelines.conform.bind.protected_values import ValueProtection
from citylake.pipelines.conform.bind.refused_values import (
    refusable_columns,
    refuse_by_column,
    refuse_by_row,
    refused_flags,
    refused_names,
)
from citylake.pipelines.conform.bind.repeated_times import repeated_time_rules
from citylake.pipelines.conform.bind.reshape_rows import reshape_rules
from citylake.pipelines.conform.bind.time_precision import precision_expr
from citylake.pipelines.conform.bind.time_values import local_date_expr
from citylake.pipelines.conform.bind.typed_values import unreadable_rules, value_expr
from citylake.pipelines.conform.bind.value_flags import flag_expr, flag_rules
from citylake.pipelines.conform.bind.value_intervals import add_intervals, interval_rules
from citylake.pipelines.conform.bind.value_qualifiers import qualifier_expr
from citylake.pipelines.conform.decisions.decided_rows import DECISION
from citylake.pipelines.conform.decisions.decided_rules import decided_rules
from citylake.pipelines.conform.drift.drift_actions import DriftActions
from citylake.quality.rules.contract_rules import contract_rules
from citylake.quality.rules.element_rules import element_rules
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import any_rule_broken
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import REFUSED_COLUMN, derived_columns
from citylake.schemas.read.place_bounds import place_bounds
from citylake.schemas.read.registry import Registry

BAD_COLUMN = "_bad"
"""Whether a row breaks any error-level rule."""
PARTITION_FORMATS = {"month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True, slots=True)
class ConformVocabulary:
    """The declarations and the code lists of a batch, which give texts their meaning."""

    registry: Registry
    codes: CodeMatcher
    by_column: Mapping[str, BoundColumn]
    """Every column of the contract: the day of a code may come from another column."""
    drifted: DriftActions = field(default_factory=DriftActions)
    protection: ValueProtection = field(default_factory=ValueProtection)
    forgotten: frozenset[str] = frozenset()
    """Digests of the tokens whose rows are dropped."""


@dataclass(frozen=True, slots=True)
class ConformPlan:
    """The plan, its rules, and the standard columns."""

    frame: pl.LazyFrame
    bounds: tuple[BoundColumn, ...]
    rules: tuple[RowRule, ...]
    """The error-level rules, those that refuse the row and those that refuse values."""
    columns: tuple[str, ...]
    partition: str | None
    """``_day``, ``_month`` or ``_year``."""
    key: tuple[str, ...] = ()
    """The contract's key."""
    drifted: DriftActions = field(default_factory=DriftActions)
    protection: ValueProtection = field(default_factory=ValueProtection)
    """Not applied in ``frame``: rules judge the values themselves."""


def plan_conform(
    frame: pl.LazyFrame, contract: Contract, bounds: Sequence[BoundColumn], words: ConformVocabulary
) -> ConformPlan:
    """Add typed columns, ``_date``, the partition, ``_refused``, ``_warnings`` and ``_bad`` to source fields."""
    first = words.drifted.rules()
    if FAULT_COLUMN in (present := frame.collect_schema().names()):
        first += reshape_rules(contract, present)
    frame, rules = add_typed_columns(words.drifted.filled(frame), contract, bounds, words)
    values = refusable_columns(contract, bounds)
    absent = absent_columns(contract, bounds, words.registry)
    declared = contract_rules(contract, standard_column_names(bounds), refused_flags(values), absent)
    pairs = pair_rules(bounds, place_bounds(contract, words.registry))
    frame, of_rows = refuse_by_row(frame, bounds, pairs, list(declared), values)
    rules = [*first, *rules, *of_rows, *repeated_time_rules(bounds)]
    if DECISION in present:
        rules = decided_rules(rules, contract)
    refused = refused_names(values) if values else pl.lit(None, pl.String).alias(REFUSED_COLUMN)
    bad = any_rule_broken([rule for rule in rules if rule.refuses_row]).alias(BAD_COLUMN)
    frame = frame.with_columns(warning_codes(rules), refused, bad)
    errors = tuple(rule for rule in rules if rule.severity == "error")
    partition, key = partition_column_name(contract), contract.write.key
    names = tuple(standard_column_names(bounds))
    return ConformPlan(frame, tuple(bounds), errors, names, partition, key, words.drifted, words.protection)


def add_typed_columns(
    frame: FrameT, contract: Contract, bounds: Sequence[BoundColumn], words: ConformVocabulary, *, dated: bool = True
) -> tuple[FrameT, list[RowRule]]:
    """Add the columns of ``bounds`` and, if ``dated``, ``_date`` and the partition; returns each column's rules.

    A value that the binding refuses is null, and ``_refused.<column>`` is true.
    """
    qualified = [bound for bound in bounds if bound.binding.qualified]
    flagged = [flag_expr(bound, bound.binding.flag) for bound in bounds if bound.binding.flag]
    frame = frame.with_columns(*map(clean_text_expr, bounds), *map(qualifier_expr, qualified), *flagged)
    looked: tuple[FrameT, list[RowRule]] = _apply_lookups(frame, bounds, words.registry)
    frame = add_geometries(looked[0], bounds)
    frame = frame.with_columns(value_expr(bound) for bound in bounds if not bound.codes)
    frame = add_intervals(frame, bounds)
    frame = frame.with_columns(precision_expr(bound) for bound in bounds if bound.binding.precision)
    frame = convert_pairs(frame, bounds)
    frame = add_event_date(frame, contract, bounds) if dated else frame
    coded: tuple[FrameT, list[RowRule]] = _add_coded_columns(frame, contract, bounds, words)
    rules = [*flag_rules(bounds), *looked[1], *unreadable_rules(bounds), *binding_rules(bounds), *coded[1]]
    rules += [*row_zone_rules(bounds), *interval_rules(bounds), *identifier_rules(bounds)]
    rules += [*words.drifted.unseen(bounds), *_required_rules(contract, bounds)]
    rules += [rule for bound in bounds if not bound.codes for rule in element_rules(bound.element, bound.column)]
    return refuse_by_column(coded[0], bounds, rules)


def standard_column_names(bounds: Sequence[BoundColumn]) -> list[str]:
    """The columns of the standard table that a contract makes; those beside a value, such as its flag, come last."""
    beside = [name for each in bounds for name in derived_columns(each.column, each.binding, each.element)]
    return [bound.column for bound in bounds] + beside


def partition_column_name(contract: Contract) -> str | None:
    """The name of the partition column, if the contract has one."""
    return f"_{contract.write.partition.split('(')[0]}" if contract.write.partition else None


def partition_time_column(contract: Contract) -> str | None:
    """The standard column whose time determines the partition."""
    return contract.write.partition.split("(")[1].rstrip(")") if contract.write.partition else None


def _apply_lookups(frame: FrameT, bounds: Sequence[BoundColumn], registry: Registry) -> tuple[FrameT, list[RowRule]]:
    rules = []
    for bound in bounds:
        if bound.binding.lookup:
            frame, rule = crosswalk_lookup.apply_crosswalk(frame, bound, registry)
            rules.append(rule)
    return frame, rules


def add_event_date(frame: FrameT, contract: Contract, bounds: Sequence[BoundColumn]) -> FrameT:
    """Add ``_date``, the day that a row belongs to (null if unknown), and the partition."""
    event = next((bound for bound in bounds if bound.column == partition_time_column(contract)), None)
    if event is None:
        return frame.with_columns(pl.lit(None, pl.Date).alias("_date"))
    frame = frame.with_columns(local_date_expr(event.column, event.day_zone, event.element.type).alias("_date"))
    name = partition_column_name(contract) or ""
    day = pl.col("_date")
    return frame.with_columns((day if name == "_day" else day.dt.strftime(PARTITION_FORMATS[name[1:]])).alias(name))


def _add_coded_columns(
    frame: FrameT, contract: Contract, bounds: Sequence[BoundColumn], words: ConformVocabulary
) -> tuple[FrameT, list[RowRule]]:
    rules: list[RowRule] = []
    for bound in (bound for bound in bounds if bound.codes):
        at = code_date_expr(contract, words.by_column.get(bound.binding.code_at or ""))
        frame, of_code = words.codes.match(frame, bound, at)
        rules += of_code
    return frame, rules


def code_date_expr(contract: Contract, at: BoundColumn | None) -> pl.Expr | None:
    """The day on which codes must be valid: that of ``at``, otherwise of the partition."""
    if at is not None:
        return local_date_expr(at.column, at.day_zone, at.element.type)
    return pl.col("_date") if contract.write.partition else None


def required_columns(contract: Contract, bounds: Sequence[BoundColumn]) -> list[str]:
    """The columns that refuse a row without a text."""
    needed = {*contract.write.key, partition_time_column(contract), contract.write.effective}
    return [bound.column for bound in bounds if bound.binding.required or bound.column in needed]


def _required_rules(contract: Contract, bounds: Sequence[BoundColumn]) -> list[RowRule]:
    required = required_columns(contract, bounds)
    return [
        RowRule("REQUIRED_MISSING", bound.column, _missing_text(bound)) for bound in bounds if bound.column in required
    ]


def _missing_text(bound: BoundColumn) -> pl.Expr:
    """No text at all; a name that the crosswalk does not contain is a text, and breaks a rule of its own."""
    return pl.col(f"_asked.{bound.column}" if bound.binding.lookup else bound.text).is_null()


def warning_codes(rules: Sequence[RowRule]) -> pl.Expr:
    """Codes of the broken warning-level rules, joined by commas; null if there are none."""
    told = [pl.when(rule.broken).then(pl.lit(rule.code)) for rule in rules if rule.severity != "error"]
    if not told:
        return pl.lit(None, pl.String).alias("_warnings")
    joined = pl.concat_str(told, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias("_warnings")
