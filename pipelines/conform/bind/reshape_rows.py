"""Reshaping: wide to long and back, with the origin of every cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.parquet_blocks import CONFLICT_COLUMN
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.quality.drift.drift_finding import DriftFinding, drift_error, drift_problems, join_names
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.reshape_step import Pivot, Unpivot
from citylake.schemas.read.registry import Registry

_CELL = "#cell"
"""The field with the name of a column that became rows, until its parts are fields."""


def reshape_frame(frame: pl.LazyFrame, contract: Contract, registry: Registry) -> pl.LazyFrame:
    """Apply the contract's steps to source fields. A record's ``_part`` gains the name of the column it came from.

    Raises MISSING_COLUMN if a step's field does not exist, because there would be no rows.
    """
    for step in contract.reshape:
        fields = step.unpivot.keep if step.unpivot else ()
        fields += (*step.pivot.keys, step.pivot.on, step.pivot.value) if step.pivot else ()
        if (
            step.unpivot
            and step.unpivot.named
            and not _matching_columns(frame.collect_schema().names(), step.unpivot.named)
        ):
            fields += (step.unpivot.named,)
        present = [name for name in frame.collect_schema().names() if name.startswith(RAW_PREFIX)]
        require_fields([name.removeprefix(RAW_PREFIX) for name in present], fields, contract, registry)
        if step.unpivot:
            frame = _unpivot_frame(frame, step.unpivot)
        if step.pivot:
            frame = _pivot_frame(frame, step.pivot)
    return frame


def require_fields(present: Sequence[str], fields: Iterable[str], contract: Contract, registry: Registry) -> None:
    """Raise MISSING_COLUMN unless the source has ``fields``, without which there would be no rows."""
    missing = [field for field in fields if field not in present]
    if missing:
        values = {"fields": join_names(missing), "present": join_names(present)}
        lost = DriftFinding("missing", "hold", tuple(registry.columns(contract)), values)
        raise drift_error(drift_problems([lost], contract, registry))


def _unpivot_frame(frame: pl.LazyFrame, step: Unpivot) -> pl.LazyFrame:
    columns = frame.collect_schema().names()
    cells = _matching_columns(columns, step.named) if step.named else []
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
    on, value = pl.col(RAW_PREFIX + step.on), pl.col(RAW_PREFIX + step.value)
    cells = {column: value.filter(on == column) for column in step.columns}
    conflicts = [cell.drop_nulls().n_unique() > 1 for cell in cells.values()]
    return frame.group_by(["_receipt", *(RAW_PREFIX + key for key in step.keys)], maintain_order=True).agg(
        pl.col("_source", "_part").first(),
        pl.col("_row").min(),
        *(cell.drop_nulls().first().alias(RAW_PREFIX + column) for column, cell in cells.items()),
        pl.any_horizontal(conflicts).alias(CONFLICT_COLUMN),
    )


def unlisted_pivot_values(frame: pl.LazyFrame, contract: Contract) -> dict[str, int]:
    """Values of a pivot's ``on`` that the contract does not list, with the number of cells left in raw."""
    found: dict[str, int] = {}
    for step in contract.reshape:
        if step.pivot and RAW_PREFIX + step.pivot.on in frame.collect_schema().names():
            other = frame.filter(~pl.col(RAW_PREFIX + step.pivot.on).is_in(list(step.pivot.columns)))
            counted = other.group_by(RAW_PREFIX + step.pivot.on).len().collect(engine="streaming")
            found |= {str(name): int(number) for name, number in counted.iter_rows()}
    return found


def pivot_conflict_rule() -> RowRule:
    """Two different values for one cell of a pivot."""
    return RowRule("PIVOT_CONFLICT", "", pl.col(CONFLICT_COLUMN))
