"""All drift in the values of a staged batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citylake.pipelines.conform.bind.bound_column import bind_columns
from citylake.pipelines.conform.drift.new_categories import KnownCategories, find_new_categories
from citylake.pipelines.conform.drift.retyped_columns import find_retyped_columns
from citylake.pipelines.context import RunContext
from citylake.pipelines.records import ConformedBatch, ParsedReceipt
from citylake.quality.drift.drift_finding import DriftFinding
from citylake.schemas.model.contract import Contract


def detect_drift(
    context: RunContext,
    contract: Contract,
    staged: ConformedBatch,
    parsed: Sequence[ParsedReceipt],
    known: KnownCategories,
) -> tuple[list[DriftFinding], ConformedBatch]:
    """The findings, and the batch with the ``categories`` that the ledger records once it is committed."""
    bounds = {bound.column: bound for bound in bind_columns(contract, context.registry)}
    found = [
        *find_retyped_columns(contract, staged, parsed, context.lake, bounds),
        *find_new_categories(contract, staged, known, context.lake, bounds),
    ]
    kept = context.ledger.categories(contract.dataset) if staged.categories else {}
    fresh = {
        column: tuple(sorted({*values, *known.get(column, ())} - kept.get(column, set())))
        for column, values in staged.categories.items()
    }
    return found, replace(staged, categories={column: values for column, values in fresh.items() if values})
