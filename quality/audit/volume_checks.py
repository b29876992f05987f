"""Volume checks: row count bounds, quarantine share, and staged rows against counted rows."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.expectations import RowCountBounds
from citylake.schemas.words.errors import Problem


def count_staged(batch: AuditInput) -> int:
    """Return the staged standard rows, the ones that a commit publishes."""
    return int(batch.one("SELECT count(*) FROM staged")[0]) if batch.columns else 0


def check_volume(batch: AuditInput, rows: int) -> Iterator[CheckResult]:
    """Yield the checks on the batch's row counts. Bounds apply to its ``rows`` staged standard rows."""
    yield _staged(batch, rows)
    bounds = batch.contract.expect.rows or RowCountBounds()
    if bounds.min is not None:
        yield _bound(batch, "rows.min", "ROWS_TOO_FEW", rows, bounds.min, rows < bounds.min)
    if bounds.max is not None:
        yield _bound(batch, "rows.max", "ROWS_TOO_MANY", rows, bounds.max, rows > bounds.max)
    if batch.contract.expect.quarantine_share is not None:
        yield _share(batch, batch.contract.expect.quarantine_share)


def _staged(batch: AuditInput, rows: int) -> CheckResult:
    expected = batch.counted.standard
    values = {"dataset": batch.contract.dataset, "rows": rows, "expected": expected}
    problem = Problem("STAGED_ROWS_DIFFER", values) if rows != expected else None
    return check_outcome("rows.staged", problem, f"{rows:,}", f"{expected:,}")


def _bound(batch: AuditInput, name: str, code: str, rows: int, bound: int, failed: bool) -> CheckResult:
    problem = Problem(code, {"dataset": batch.contract.dataset, "rows": rows, "bound": bound}) if failed else None
    return check_outcome(name, problem, f"{rows:,}", f"{'≥' if name == 'rows.min' else '≤'} {bound:,}")


def _share(batch: AuditInput, most: float) -> CheckResult:
    counted = batch.counted
    share = counted.quarantine_share
    values = {
        "dataset": batch.contract.dataset,
        "quarantined": counted.quarantined,
        "values": counted.values_refused,
        "rows": counted.rows_in,
        "share": f"{share:.2%}",
        "most": f"{most:.2%}",
    }
    code = "REFUSED_SHARE_HIGH" if counted.values_refused else "QUARANTINE_SHARE_HIGH"
    problem = Problem(code, values) if share > most else None
    return check_outcome("quarantine_share", problem, f"{share:.2%}", f"≤ {most:.2%}")
