"""Everything that drifted in the values of a staged batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.conform.bound import bounds_of
from pipelines.context import Context
from pipelines.drift.categories import Known, new_categories
from pipelines.drift.retyped import retyped_columns
from pipelines.records import Parsed, Staged
from quality.drift.finding import Finding
from schemas.contract import Contract


def drift_of(
    context: Context, contract: Contract, staged: Staged, parsed: Sequence[Parsed], known: Known
) -> tuple[list[Finding], Staged]:
    """The findings; and the batch, its ``categories`` those that the ledger is to keep once it is committed."""
    bounds = {bound.column: bound for bound in bounds_of(contract, context.registry)}
    found = [
        *retyped_columns(contract, staged, parsed, context.lake, bounds),
        *new_categories(contract, staged, known, context.lake, bounds),
    ]
    kept = context.ledger.categories(contract.dataset) if staged.categories else {}
    fresh = {
        column: tuple(sorted({*values, *known.get(column, ())} - kept.get(column, set())))
        for column, values in staged.categories.items()
    }
    return found, replace(staged, categories={column: values for column, values in fresh.items() if values})
