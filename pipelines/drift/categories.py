"""Categories that a dataset never had before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from pipelines.conform.bound import Bound, bounds_of
from pipelines.context import Context
from pipelines.drift.staged import reasons_of, said_of
from pipelines.lake import Lake
from pipelines.records import Staged
from quality.drift.categories import MOST, unseen
from quality.drift.finding import Finding, named
from schemas.contract import Contract
from schemas.element import is_category

Known = Mapping[str, Collection[str]]


def known_categories(context: Context, contract: Contract) -> Known:
    """The categories that the dataset ever had, by column; none of a column that has more than are worth keeping.

    A table that is older than the ledger of categories is asked itself, until its next commit.
    """
    columns = [bound.column for bound in bounds_of(contract, context.registry) if is_category(bound.element)]
    if not columns:
        return {}
    known: Known = context.ledger.categories(contract.dataset)
    if not known and context.ledger.committed(contract.dataset).height:
        known = _of_table(context.lake, contract.dataset, columns)
    return {column: values for column, values in known.items() if len(values) <= MOST}


def _of_table(lake: Lake, dataset: str, columns: Sequence[str]) -> Known:
    from pipelines.delta import scan

    rows = scan(lake, lake.standard(dataset))
    if rows is None:
        return {}
    there = [column for column in columns if column in rows.collect_schema().names()]
    return {column: _distinct(rows.select(column)) for column in there}


def _distinct(values: pl.LazyFrame) -> list[str]:
    return values.unique().drop_nulls().collect(engine="streaming").to_series().to_list()


def new_categories(
    contract: Contract, staged: Staged, known: Known, lake: Lake, bounds: Mapping[str, Bound]
) -> list[Finding]:
    """One finding a column: what its good rows, or those refused for it, have and the dataset never had."""
    drift = contract.drift
    found = unseen(staged.categories, known, drift.accept)
    if staged.issues.get("CATEGORY_UNSEEN"):
        found |= _refused(staged, lake)
    return [
        Finding("categories", drift.categories, (column,), {**said_of(bounds[column]), "values": named(values)})
        for column, values in found.items()
    ]


def _refused(staged: Staged, lake: Lake) -> dict[str, list[str]]:
    """The categories in refused rows, by column."""
    reasons = reasons_of(staged, lake, ["CATEGORY_UNSEEN"])
    values = reasons.group_by("field").agg(pl.col("detail").unique().sort()).sort("field").collect(engine="streaming")
    return {str(column): list(found) for column, found in values.iter_rows()}
