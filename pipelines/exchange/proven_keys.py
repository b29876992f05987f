"""The keys that rows really keep: what a description says of keys, a validator checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

import polars as pl
import polars.selectors as cs

from citylake.pipelines.exchange.described_table import ForeignKey
from citylake.pipelines.exchange.staged_data import StagedTable


def proven_key(staged: StagedTable) -> tuple[str, ...]:
    """The declared key, if no row has a null in it and no two rows have the same; otherwise none."""
    key = staged.described.key
    if not key:
        return ()
    rows = pl.scan_parquet(staged.file).select(cs.by_name(*key))
    if rows.select(pl.any_horizontal(pl.all().is_null()).any()).collect(engine="streaming").item():
        return ()
    repeated = rows.group_by(cs.by_name(*key)).len().filter(pl.col("len") > 1).head(1)
    return () if repeated.collect(engine="streaming").height else key


def required_columns(staged: StagedTable) -> set[str]:
    """The declared columns without a null."""
    nulls = pl.scan_parquet(staged.file).select(pl.all().null_count()).collect(engine="streaming")
    return {each.name for each in staged.described.columns if each.required and not nulls[each.name][0]}


def proven_references(staged: StagedTable, others: Mapping[str, StagedTable]) -> list[ForeignKey]:
    """The foreign keys into tables of the same export that every row keeps; ``table`` is the name in ``others``."""
    found = []
    for each in staged.described.foreign_keys:
        own = f"{staged.mart.mart}.{each.table}" if staged.mart else each.table
        target = others.get(own) or others.get(each.table)
        if target and all(target.described.column(key) for key in each.keys) and _keeps(staged, each, target):
            found.append(ForeignKey(each.columns, target.described.name, each.keys))
    return found


def _keeps(staged: StagedTable, reference: ForeignKey, target: StagedTable) -> bool:
    left, right = _columns(staged, reference.columns), _columns(target, reference.keys)
    given = left.filter(reduce(or_, (pl.col(name).is_not_null() for name in left.collect_schema().names())))
    names = left.collect_schema().names()
    without = given.join(right, on=names, how="anti", nulls_equal=True).head(1)
    return not without.collect(engine="streaming").height


def _columns(staged: StagedTable, names: Sequence[str]) -> pl.LazyFrame:
    return pl.scan_parquet(staged.file).select(pl.col(name).alias(f"k{number}") for number, name in enumerate(names))
