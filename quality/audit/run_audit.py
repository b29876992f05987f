"""The audit step: every promise of ``expect`` and ``references``, judged in one pass over the promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from citylake.quality.audit.audit_input import AuditCounts, AuditInput
from citylake.quality.audit.content_checks import check_completeness, check_unique
from citylake.quality.audit.freshness_check import check_freshness
from citylake.quality.audit.reference_checks import check_references
from citylake.quality.audit.volume_checks import check_volume
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_session import create_parquet_view, open_duckdb
from citylake.schemas.model.contract import Contract


def audit_batch(
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
) -> list[CheckResult]:
    """Judge a staged batch; a failed check of severity ``error`` holds it.

    ``files``: staged standard Parquet files, possibly none. ``history``: standard rows of past committed batches.
    ``now``: aware. ``references``: dataset → active Parquet files of its standard table. ``memory_limit``: DuckDB's
    notation (``1GB``).
    """
    with open_duckdb(memory_limit) as connection:
        columns = create_parquet_view(connection, "staged", files, storage_options) if files else {}
        counted = AuditCounts(rows_in, rows_standard, rows_quarantined, history)
        batch = AuditInput(contract, counted, now, connection, columns)
        return [
            *check_volume(batch),
            *check_completeness(batch),
            *check_unique(batch),
            *check_freshness(batch),
            *check_references(batch, references or {}, storage_options),
        ]
