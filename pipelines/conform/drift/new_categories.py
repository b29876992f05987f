"""Categories that a dataset never had before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns
from citylake.pipelines.conform.drift.staged_files import column_labels, scan_reasons
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import ConformedBatch
from citylake.quality.drift.category_drift import MAX_CATEGORIES, unseen_categories
from citylake.quality.drift.drift_finding import DriftFinding, join_names
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import is_categorical

KnownCategories = Mapping[str, Collection[str]]


def known_categories(context: RunContext, contract: Contract) -> KnownCategories:
    """The categories that the dataset ever had, by column, without columns that have too many of them.

    If the ledger of categories is younger than the table, they are read from the table until its next commit.
    """
    columns = [bound.column for bound in bind_columns(contract, context.registry) if is_categorical(bound.element)]
    if not columns:
        return {}
    known: KnownCategories = context.ledger.categories(contract.dataset)
    if not known and context.ledger.committed_batches(contract.dataset).height:
        known = _table_categories(context.lake, contract.dataset, columns)
    return {column: values for column, values in known.items() if len(values) <= MAX_CATEGORIES}


def _table_categories(lake: Lake, dataset: str, columns: Sequence[str]) -> KnownCategories:
    from citylake.pipelines.lake.delta_table import scan_lake_table

    rows = scan_lake_table(lake, lake.standard(dataset))
    if rows is None:
        return {}
    there = [column for column in columns if column in rows.collect_schema().names()]
    return {column: _distinct_values(rows.select(column)) for column in there}


def _distinct_values(values: pl.LazyFrame) -> list[str]:
    return values.unique().drop_nulls().collect(engine="streaming").to_series().to_list()


def find_new_categories(
    contract: Contract, staged: ConformedBatch, known: KnownCategories, lake: Lake, bounds: Mapping[str, BoundColumn]
) -> list[DriftFinding]:
    """One finding per column, with the new categories in its good rows and in the rows refused for it."""
    drift = contract.drift
    found = unseen_categories(staged.categories, known, drift.accept)
    if staged.issues.get("CATEGORY_UNSEEN"):
        found |= _refused_categories(staged, lake)
    return [
        DriftFinding(
            "categories", drift.categories, (column,), {**column_labels(bounds[column]), "values": join_names(values)}
        )
        for column, values in found.items()
    ]


def _refused_categories(staged: ConformedBatch, lake: Lake) -> dict[str, list[str]]:
    """The categories in refused rows, by column."""
    reasons = scan_reasons(staged, lake, ["CATEGORY_UNSEEN"])
    values = reasons.group_by("field").agg(pl.col("detail").unique().sort()).sort("field").collect(engine="streaming")
    return {str(column): list(found) for column, found in values.iter_rows()}
