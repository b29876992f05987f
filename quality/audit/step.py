"""The audit step: every promise of ``expect`` and ``references``, judged in one pass over the promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from quality.audit.batch import Batch, Counted
from quality.audit.content import completeness, unique
from quality.audit.freshness import freshness
from quality.audit.references import references_kept
from quality.audit.volume import volume
from quality.check import Check
from quality.duck import opened, view
from schemas.contract import Contract


def audit(
    contract: Contract,
    *,
    files: Sequence[str],
    rows_in: int,
    rows_standard: int,
    rows_quarantined: int,
    history: Sequence[int],
    now: datetime,
    storage_options: Mapping[str, str] | None = None,
    references: Mapping[str, Sequence[str]] | None = None,
    memory_limit: str | None = None,
) -> list[Check]:
    """Judge a staged batch; a failed check of severity ``error`` holds it.

    ``files``: staged standard Parquet files, possibly none. ``history``: standard rows of past committed batches.
    ``now``: aware. ``references``: dataset → active Parquet files of its standard table. ``memory_limit``: DuckDB's
    notation (``1GB``).
    """
    with opened(memory_limit) as connection:
        columns = view(connection, "staged", files, storage_options) if files else {}
        counted = Counted(rows_in, rows_standard, rows_quarantined, history)
        batch = Batch(contract, counted, now, connection, columns)
        return [
            *volume(batch),
            *completeness(batch),
            *unique(batch),
            *freshness(batch),
            *references_kept(batch, references or {}, storage_options),
        ]
