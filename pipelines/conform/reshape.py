"""Reshaping: wide to long and back, with every cell's origin kept."""

from __future__ import annotations

import polars as pl

from pipelines.blocks.block import PROVENANCE
from pipelines.blocks.stored import CONFLICT
from pipelines.conform.bound import RAW
from quality.rules.row_rule import RowRule
from schemas.contract import Contract
from schemas.faults import CitylakeError
from schemas.reshape import Pivot, Unpivot


def reshape(frame: pl.LazyFrame, contract: Contract) -> pl.LazyFrame:
    """Apply the contract's steps to source fields. A record's ``_part`` gains the name of the column it came from."""
    for step in contract.reshape:
        if step.unpivot:
            frame = _unpivot(frame, step.unpivot, contract)
        if step.pivot:
            frame = _pivot(frame, step.pivot, contract)
    return frame


def _need(frame: pl.LazyFrame, fields: tuple[str, ...], contract: Contract) -> list[str]:
    present = frame.collect_schema().names()
    missing = [field for field in fields if RAW + field not in present]
    if missing:
        names = ", ".join(name.removeprefix(RAW) for name in present if name.startswith(RAW))
        shown = names if len(names) < 400 else names[:400] + " …"
        raise CitylakeError("MISSING_COLUMN", dataset=contract.dataset, fields=", ".join(missing), present=shown)
    return [RAW + field for field in fields]


def _unpivot(frame: pl.LazyFrame, step: Unpivot, contract: Contract) -> pl.LazyFrame:
    keep = _need(frame, step.keep, contract)
    name, value = RAW + step.name, RAW + step.value
    long = frame.unpivot(index=[*PROVENANCE, *keep], variable_name=name, value_name=value)
    own = pl.col(name).str.strip_prefix(RAW)
    part = pl.when(pl.col("_part") == "").then(own).otherwise(pl.concat_str("_part", pl.lit("/"), own))
    return long.with_columns(own.alias(name), part.alias("_part"))


def _pivot(frame: pl.LazyFrame, step: Pivot, contract: Contract) -> pl.LazyFrame:
    _need(frame, (*step.keys, step.on, step.value), contract)
    on, value = pl.col(RAW + step.on), pl.col(RAW + step.value)
    cells = {column: value.filter(on == column) for column in step.columns}
    conflicts = [cell.drop_nulls().n_unique() > 1 for cell in cells.values()]
    return frame.group_by(["_receipt", *(RAW + key for key in step.keys)], maintain_order=True).agg(
        pl.col("_source", "_part").first(),
        pl.col("_row").min(),
        *(cell.drop_nulls().first().alias(RAW + column) for column, cell in cells.items()),
        pl.any_horizontal(conflicts).alias(CONFLICT),
    )


def unlisted(frame: pl.LazyFrame, contract: Contract) -> dict[str, int]:
    """Values of a pivot's ``on`` that the contract does not list, with the number of cells left in raw."""
    found: dict[str, int] = {}
    for step in contract.reshape:
        if step.pivot and RAW + step.pivot.on in frame.collect_schema().names():
            other = frame.filter(~pl.col(RAW + step.pivot.on).is_in(list(step.pivot.columns)))
            counted = other.group_by(RAW + step.pivot.on).len().collect(engine="streaming")
            found |= {str(name): int(number) for name, number in counted.iter_rows()}
    return found


def conflict_rule() -> RowRule:
    """Two different values for one cell of a pivot."""
    return RowRule("PIVOT_CONFLICT", "", pl.col(CONFLICT))
