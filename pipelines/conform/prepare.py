"""The conform pass as one lazy plan: source fields in, standard columns and broken rules out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.blocks.stored import CONFLICT
from pipelines.conform import lookup
from pipelines.conform.bound import Bound
from pipelines.conform.codes import Codes
from pipelines.conform.coordinates import half_pairs, to_one_frame
from pipelines.conform.drifted import Drifted
from pipelines.conform.repeated import repeated_times
from pipelines.conform.reshape import conflict_rule
from pipelines.conform.rows import Rows
from pipelines.conform.text import qualifier, qualifier_of, text_of
from pipelines.conform.times import local_date
from pipelines.conform.values import not_understood, reading_rules, value_of
from quality.rules.contract_rules import contract_rules
from quality.rules.element_rules import element_rules
from quality.rules.mask import broken
from quality.rules.row_rule import RowRule
from schemas.contract import Contract
from schemas.registry import Registry

BAD = "_bad"
"""Whether a row breaks any error-level rule."""
PARTITIONS = {"month": "%Y-%m", "year": "%Y"}


@dataclass(frozen=True, slots=True)
class Words:
    """What texts mean, beside the contract: the declarations, and the code lists of this batch."""

    registry: Registry
    codes: Codes
    by_column: Mapping[str, Bound]
    """Every column of the contract, for a code's day may be another column's."""
    drifted: Drifted = field(default_factory=Drifted)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan, its rules, and the standard columns."""

    frame: pl.LazyFrame
    bounds: tuple[Bound, ...]
    rules: tuple[RowRule, ...]
    """The error-level rules behind ``_bad``."""
    columns: tuple[str, ...]
    partition: str | None
    """``_day``, ``_month`` or ``_year``."""
    key: tuple[str, ...] = ()
    """The contract's key."""
    drifted: Drifted = field(default_factory=Drifted)


def prepare(frame: pl.LazyFrame, contract: Contract, bounds: Sequence[Bound], words: Words) -> Prepared:
    """Add typed columns, ``_date``, the partition, ``_warnings`` and ``_bad`` to a frame of source fields."""
    frame, rules = typed(words.drifted.filled(frame), contract, bounds, words)
    rules += [*words.drifted.rules(), *half_pairs(bounds)]
    names = standard_columns(bounds)
    rules += contract_rules(contract, names, {bound.column: not_understood(bound) for bound in bounds})
    rules += repeated_times(bounds)
    if CONFLICT in frame.collect_schema().names():
        rules.append(conflict_rule())
    errors = [rule for rule in rules if rule.severity == "error"]
    frame = frame.with_columns(warnings_of(rules), broken(errors).alias(BAD))
    partition, key = partition_of(contract), contract.write.key
    return Prepared(frame, tuple(bounds), tuple(errors), tuple(names), partition, key, words.drifted)


def typed(
    frame: Rows, contract: Contract, bounds: Sequence[Bound], words: Words, *, dated: bool = True
) -> tuple[Rows, list[RowRule]]:
    """Add the columns of ``bounds``, and ``_date`` and the partition where ``dated``; and the rules of each alone."""
    qualified = [bound for bound in bounds if bound.binding.qualifier]
    frame = frame.with_columns(*map(text_of, bounds), *map(qualifier_of, qualified))
    frame, rules = _lookups(frame, bounds, words.registry)
    frame = frame.with_columns(value_of(bound) for bound in bounds if not bound.codes)
    frame = to_one_frame(frame, bounds)
    frame = with_date(frame, contract, bounds) if dated else frame
    coded: tuple[Rows, list[RowRule]] = _coded(frame, contract, bounds, words)
    rules += [*reading_rules(bounds), *coded[1], *words.drifted.unseen(bounds), *_required(contract, bounds)]
    return coded[0], rules + [
        rule for bound in bounds if not bound.codes for rule in element_rules(bound.element, bound.column)
    ]


def standard_columns(bounds: Sequence[Bound]) -> list[str]:
    """The columns of the standard table that a contract makes, qualifiers last."""
    return [bound.column for bound in bounds] + [qualifier(bound) for bound in bounds if bound.binding.qualifier]


def partition_of(contract: Contract) -> str | None:
    """The name of the partition column, if the contract has one."""
    return f"_{contract.write.partition.split('(')[0]}" if contract.write.partition else None


def event_column(contract: Contract) -> str | None:
    """The standard column whose time says which partition a row belongs to."""
    return contract.write.partition.split("(")[1].rstrip(")") if contract.write.partition else None


def _lookups(frame: Rows, bounds: Sequence[Bound], registry: Registry) -> tuple[Rows, list[RowRule]]:
    rules = []
    for bound in bounds:
        if bound.binding.lookup:
            frame, rule = lookup.translate(frame, bound, registry)
            rules.append(rule)
    return frame, rules


def with_date(frame: Rows, contract: Contract, bounds: Sequence[Bound]) -> Rows:
    """Add ``_date``, the day that a row belongs to (null where nothing says), and the partition."""
    event = next((bound for bound in bounds if bound.column == event_column(contract)), None)
    if event is None:
        return frame.with_columns(pl.lit(None, pl.Date).alias("_date"))
    frame = frame.with_columns(local_date(event.column, event.zone, event.element.type).alias("_date"))
    name = partition_of(contract) or ""
    day = pl.col("_date")
    return frame.with_columns((day if name == "_day" else day.dt.strftime(PARTITIONS[name[1:]])).alias(name))


def _coded(frame: Rows, contract: Contract, bounds: Sequence[Bound], words: Words) -> tuple[Rows, list[RowRule]]:
    rules: list[RowRule] = []
    for bound in (bound for bound in bounds if bound.codes):
        at = code_date(contract, words.by_column.get(bound.binding.code_at or ""))
        frame, of_code = words.codes.match(frame, bound, at)
        rules += of_code
    return frame, rules


def code_date(contract: Contract, at: Bound | None) -> pl.Expr | None:
    """The day that decides which codes are valid: that of ``at``, else of the partition."""
    if at is not None:
        return local_date(at.column, at.zone, at.element.type)
    return pl.col("_date") if contract.write.partition else None


def _required(contract: Contract, bounds: Sequence[Bound]) -> list[RowRule]:
    needed = {*contract.write.key, event_column(contract), contract.write.effective}
    return [
        RowRule("REQUIRED_MISSING", bound.column, _absent(bound))
        for bound in bounds
        if bound.binding.required or bound.column in needed
    ]


def _absent(bound: Bound) -> pl.Expr:
    """No text at all: a name that the crosswalk does not know was there, and breaks its own rule."""
    return pl.col(f"_asked.{bound.column}" if bound.binding.lookup else bound.text).is_null()


def warnings_of(rules: Sequence[RowRule]) -> pl.Expr:
    """Codes of the broken warning-level rules, joined by commas; null where there are none."""
    told = [pl.when(rule.broken).then(pl.lit(rule.code)) for rule in rules if rule.severity != "error"]
    if not told:
        return pl.lit(None, pl.String).alias("_warnings")
    joined = pl.concat_str(told, separator=",", ignore_nulls=True)
    return pl.when(joined != "").then(joined).alias("_warnings")
