"""Reshaping: wide to long and back, with the origin of every cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from string import Formatter

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.conform.bind.source_texts import join_template
from citylake.quality.drift.drift_finding import DriftFinding, drift_error, drift_problems, join_names
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.reshape_step import Padding, Pivot, ReshapeStep, Unpivot
from citylake.schemas.read.registry import Registry

_CONFLICT, _NO_SUCH_DAY = 1, 2
"""Values of ``FAULT_COLUMN``."""
_CELL = "#cell"
"""The field with the name of a column that became rows, until its parts are fields."""


def reshape_frame(frame: pl.LazyFrame, contract: Contract, registry: Registry) -> pl.LazyFrame:
    """Apply the contract's steps to source fields. A record's ``_part`` gains the name of the column it came from.

    Raises MISSING_COLUMN if a step's field does not exist, because there would be no rows.
    """
    for step in contract.reshape:
        names = frame.collect_schema().names()
        present = [name.removeprefix(RAW_PREFIX) for name in names if name.startswith(RAW_PREFIX)]
        require_fields(present, _step_fields(step, names), contract, registry)
        if step.unpivot:
            frame = _unpivot_frame(frame, step.unpivot)
        if step.pivot:
            frame = _pivot_frame(frame, step.pivot)
        if step.padding:
            frame = _drop_padding(frame, step.padding, contract)
    return frame


def _step_fields(step: ReshapeStep, columns: Sequence[str]) -> tuple[str, ...]:
    """The fields that a step needs; for names that match nothing, the expression."""
    if pivot := step.pivot:
        return (*pivot.keys, pivot.on, *pivot.names)
    if padding := step.padding:
        return (*_template_fields(padding.month), padding.day, *padding.values)
    named = step.unpivot.named if step.unpivot else None
    if named and not _matching_columns(columns, named):
        return (named,)
    return step.unpivot.keep if step.unpivot else ()


def require_fields(present: Sequence[str], fields: Iterable[str], contract: Contract, registry: Registry) -> None:
    """Raise MISSING_COLUMN unless the source has ``fields``, without which there would be no rows."""
    missing = [field for field in fields if field not in present]
    if missing:
        values = {"fields": join_names(missing), "present": join_names(present)}
        lost = DriftFinding("missing", "hold", tuple(registry.columns(contract)), values)
        raise drift_error(drift_problems([lost], contract, registry))


def _unpivot_frame(frame: pl.LazyFrame, step: Unpivot) -> pl.LazyFrame:
    columns = frame.collect_schema().names()
    # A dict, because a document of lists can have tens of thousands of cells.
    cells = dict.fromkeys(_matching_columns(columns, step.named)) if step.named else {}
    keep = (
        [name for name in columns if name not in cells]
        if cells
        else [*PROVENANCE_COLUMNS, *(RAW_PREFIX + field for field in step.keep)]
    )
    name = RAW_PREFIX + (step.name or _CELL)
    long = frame.unpivot(index=keep, variable_name=name, value_name=RAW_PREFIX + step.value)
    own = pl.col(name).str.strip_prefix(RAW_PREFIX)
    part = pl.when(pl.col("_part") == "").then(own).otherwise(pl.concat_str("_part", pl.lit("/"), own))
    long = long.with_columns(own.alias(name), part.alias("_part"))
    return _split_cell_names(long, re.compile(step.named), cells) if step.named else long


def _matching_columns(columns: Iterable[str], named: str) -> list[str]:
    return [
        name for name in columns if name.startswith(RAW_PREFIX) and re.fullmatch(named, name.removeprefix(RAW_PREFIX))
    ]


def _split_cell_names(long: pl.LazyFrame, named: re.Pattern[str], cells: Iterable[str]) -> pl.LazyFrame:
    """Replace each column's name by the groups of the pattern."""
    own = [name.removeprefix(RAW_PREFIX) for name in cells]
    found = {name: match for name in own if (match := named.fullmatch(name))}
    parts = [
        pl.col(RAW_PREFIX + _CELL)
        .replace_strict({name: match[group] for name, match in found.items()}, return_dtype=pl.String)
        .alias(RAW_PREFIX + group)
        for group in named.groupindex
    ]
    return long.with_columns(parts).drop(RAW_PREFIX + _CELL)


def _pivot_frame(frame: pl.LazyFrame, step: Pivot) -> pl.LazyFrame:
    on = pl.col(RAW_PREFIX + step.on)
    cells = {name: pl.col(RAW_PREFIX + field).filter(on == value) for name, (field, value) in step.cells.items()}
    conflict = pl.any_horizontal([cell.drop_nulls().n_unique() > 1 for cell in cells.values()])
    before = [pl.col(FAULT_COLUMN).max()] if FAULT_COLUMN in frame.collect_schema().names() else []
    return frame.group_by(["_receipt", *(RAW_PREFIX + key for key in step.keys)], maintain_order=True).agg(
        pl.col("_source", "_part").first(),
        pl.col("_row").min(),
        *(cell.drop_nulls().first().alias(RAW_PREFIX + column) for column, cell in cells.items()),
        pl.max_horizontal(*before, conflict.cast(pl.Int8) * _CONFLICT).alias(FAULT_COLUMN),
    )


def _drop_padding(frame: pl.LazyFrame, step: Padding, contract: Contract) -> pl.LazyFrame:
    """Without the empty rows of days that their month does not have; those with a value are marked."""
    day = pl.col(RAW_PREFIX + step.day).str.strip_chars().cast(pl.Int32, strict=False)
    first = pl.concat_str(join_template(step.month), pl.lit("-01")).str.to_date(step.format + "-%d", strict=False)
    beyond = (day > first.dt.month_end().dt.day()).fill_null(value=False)
    empty = pl.all_horizontal(_is_empty(field, contract) for field in step.values)
    before = pl.col(FAULT_COLUMN) if FAULT_COLUMN in frame.collect_schema().names() else pl.lit(0, pl.Int8)
    marked = pl.when(beyond).then(pl.lit(_NO_SUCH_DAY, pl.Int8)).otherwise(before)
    return frame.filter(~(beyond & empty)).with_columns(marked.alias(FAULT_COLUMN))


def _is_empty(field: str, contract: Contract) -> pl.Expr:
    own = (each.sentinels for name, each in contract.fields.items() if field in (each.source or name, name))
    text = pl.col(RAW_PREFIX + field).str.strip_chars().fill_null("")
    return text.is_in(["", *contract.sentinels, *chain.from_iterable(own)])


def _template_fields(template: str) -> list[str]:
    return [field for _, field, _, _ in Formatter().parse(template) if field]


def unlisted_pivot_values(frame: pl.LazyFrame, contract: Contract) -> dict[str, int]:
    """Values of a pivot's ``on`` that the contract does not list, with the number of cells left in raw."""
    found: dict[str, int] = {}
    for step in contract.reshape:
        if step.pivot and RAW_PREFIX + step.pivot.on in frame.collect_schema().names():
            other = frame.filter(~pl.col(RAW_PREFIX + step.pivot.on).is_in(list(step.pivot.columns)))
            counted = other.group_by(RAW_PREFIX + step.pivot.on).len().collect(engine="streaming")
            found |= {str(name): int(number) for name, number in counted.iter_rows()}
    return found


def reshape_rules(contract: Contract, present: Collection[str]) -> list[RowRule]:
    """Two different values for one cell of a pivot, and values on days that a month does not have.

    ``present``: the columns of the rows; a later pivot can have replaced those of the padding.
    """
    fault = pl.col(FAULT_COLUMN)
    rules = [RowRule("PIVOT_CONFLICT", "", fault == _CONFLICT)]
    for step in (step.padding for step in contract.reshape if step.padding):
        texts = [pl.col(RAW_PREFIX + field) for field in step.values if RAW_PREFIX + field in present]
        value = pl.concat_str(texts, separator=" ", ignore_nulls=True) if texts else None
        there = all(RAW_PREFIX + field in present for field in _template_fields(step.month))
        month = join_template(step.month) if there else None
        rules.append(
            RowRule("DAY_NOT_IN_MONTH", step.day, fault == _NO_SUCH_DAY, value=value, detail=month, by_source=True)
        )
    return rules
