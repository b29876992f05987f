"""The audit step: all checks of ``expect`` and ``references`` on one staged batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from citylake.quality.audit.audit_input import AuditCounts, AuditInput
from citylake.quality.audit.check_severity import with_severity
from citylake.quality.audit.content_checks import check_completeness, check_unique
from citylake.quality.audit.day_checks import check_days
from citylake.quality.audit.day_totals import DayTotals, total_rows_by_day
from citylake.quality.audit.default_gates import check_default_gates
from citylake.quality.audit.freshness_check import check_freshness
from citylake.quality.audit.history_checks import check_history
from citylake.quality.audit.interval_checks import check_batch_intervals
from citylake.quality.audit.reference_checks import check_references
from citylake.quality.audit.shift_checks import check_shift
from citylake.quality.audit.table_history import TableHistory
from citylake.quality.audit.volume_checks import check_volume, count_staged
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view
from citylake.schemas.model.contract import Contract

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def audit_batch(
    contract: Contract,
    counts: AuditCounts,
    connection: DuckDBPyConnection,
    *,
    files: Sequence[str],
    now: datetime,
    references: Mapping[str, Sequence[str]] | None = None,
    history: TableHistory | None = None,
) -> list[CheckResult]:
    """Run every check of a staged batch; a failed check of severity ``error`` holds it.

    ``connection``: an empty DuckDB database that can read the files. ``files``: staged standard Parquet files, possibly
    none. ``now``: with a time zone. ``references``: dataset → active Parquet files of its standard table. ``history``:
    the standard table before the batch.
    """
    columns = create_parquet_view(connection, "staged", files) if files else {}
    batch = AuditInput(contract, counts, now, connection, columns, files, history or TableHistory())
    declared = contract.expect.severity
    return [with_severity(check, declared) for check in _all_checks(batch, references or {})]


def _all_checks(batch: AuditInput, references: Mapping[str, Sequence[str]]) -> Iterator[CheckResult]:
    rows = count_staged(batch)
    totals = total_rows_by_day(batch) if _compares_days(batch) else DayTotals()
    yield from check_volume(batch, rows)
    yield from check_default_gates(batch, rows)
    yield from check_history(batch, rows, totals)
    yield from check_completeness(batch.staged, batch.contract.expect.completeness)
    yield from check_unique(batch.staged, batch.contract.expect.unique)
    yield from check_batch_intervals(batch)
    yield from check_freshness(batch)
    yield from check_days(batch, totals)
    yield from check_shift(batch, totals)
    yield from check_references(batch, references)


def _compares_days(batch: AuditInput) -> bool:
    expect = batch.contract.expect
    against_history = expect.rows is not None and expect.rows.vs_history is not None
    declared = against_history or expect.shift or expect.day_freshness or expect.days_present
    return batch.history.by_day and bool(declared)
