"""Gates that need no ``expect``: a batch whose rows were all refused, a register that lost most of its entries."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view, quote_column
from citylake.schemas.model.expectations import RowCountBounds
from citylake.schemas.words.errors import Problem

REFUSED_FROM_ROWS = 10
"""A batch with fewer rows is not held because all of them were refused: one wrong report is no broken source."""
KEPT_FROM_ROWS = 20
"""A register or mart table with fewer rows may shrink: half of a handful is no loss of data."""


def check_default_gates(batch: AuditInput, rows: int) -> Iterator[CheckResult]:
    """Yield ``all_refused`` and, for registers, ``rows.kept``."""
    yield from _all_refused(batch)
    yield from _register_kept(batch, rows)


def _all_refused(batch: AuditInput) -> Iterator[CheckResult]:
    counted = batch.counted
    refused = counted.rows_in > 0 and counted.standard == 0 and counted.quarantined > 0
    if counted.rows_in < REFUSED_FROM_ROWS:
        return
    values = {"dataset": batch.contract.dataset, "rows": counted.quarantined}
    problem = Problem("ALL_ROWS_REFUSED", values) if refused else None
    warning = batch.contract.expect.all_refused == "report"
    observed = f"{counted.quarantined:,} of {counted.rows_in:,} refused"
    yield check_outcome("all_refused", problem, observed, "not all", warning=warning)


def rows_lost(name: str, rows: int, before: int, least: float, problem: Problem) -> CheckResult | None:
    """Return the check ``rows.kept`` of a table that has ``rows`` rows instead of ``before``; None if it is off."""
    if not least or before < KEPT_FROM_ROWS:
        return None
    lost = problem if rows < least * before else None
    return check_outcome(name, lost, f"{rows:,} of {before:,}", f"≥ {least:.0%} of the rows")


def _register_kept(batch: AuditInput, rows: int) -> Iterator[CheckResult]:
    """The newest register of the batch against the entries that are valid in the table now.

    An older register than the table's newest one closes no entry, and is not judged. Rows that were refused count as
    kept, because the commit leaves their entries as they are.
    """
    write, files = batch.contract.write, [*batch.history.whole, *chain.from_iterable(batch.history.files.values())]
    if write.mode != "snapshot" or not write.effective or not files or not rows:
        return
    types = create_parquet_view(batch.connection, "register_now", files)
    if write.effective not in batch.columns or not {"valid_from", "valid_to"} <= types.keys():
        return
    day = quote_column(write.effective)
    newest, entries = batch.one(f"SELECT {day}::DATE, count(*) FROM staged GROUP BY ALL ORDER BY 1 DESC LIMIT 1")
    last, before = batch.one("SELECT max(valid_from), count(*) FILTER (valid_to IS NULL) FROM register_now")
    if newest is None or last is None or newest < last:
        return
    kept, least = int(entries) + batch.counted.quarantined, (batch.contract.expect.rows or RowCountBounds()).kept_min
    values = {"dataset": batch.contract.dataset, "rows": kept, "before": int(before), "least": least}
    found = rows_lost("rows.kept", kept, int(before), least, Problem("TABLE_LOSES_ROWS", values))
    if found:
        yield found
