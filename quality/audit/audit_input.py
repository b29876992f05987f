"""The input of an audit: a contract, the row counts of a batch, and its staged rows in DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class AuditCounts:
    """Row counts of a batch, as counted by conform. ``history``: standard rows of earlier committed batches.

    ``rows_in``: without filtered rows. ``values_refused``: of standard rows, in ``refusable`` columns.
    """

    rows_in: int
    standard: int
    quarantined: int
    history: Sequence[int] = ()
    values_refused: int = 0
    refusable: int = 0

    @property
    def quarantine_share(self) -> float:
        """The refused share of the batch; a refused value counts as one of the row's values that can be refused."""
        refused = self.quarantined + self.values_refused / max(self.refusable, 1)
        return refused / self.rows_in if self.rows_in else 0.0


@dataclass(frozen=True, slots=True)
class AuditInput:
    """A batch to audit.

    ``columns`` maps each column of the view ``staged`` to its DuckDB type. It is empty if no file was staged; the view
    does not exist then.
    """

    contract: Contract
    counted: AuditCounts
    now: datetime
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str] = field(default_factory=dict)

    def one(self, sql: str) -> tuple[Any, ...]:
        """Run a query that returns exactly one row, and return that row."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def missing(self, name: str, columns: Sequence[str], expected: str) -> CheckResult | None:
        """Return a failed check if the staged rows lack any of ``columns``, else None."""
        absent = [column for column in columns if column not in self.columns]
        if not self.columns or not absent:
            return None
        values = {"dataset": self.contract.dataset, "check": name, "columns": ", ".join(absent)}
        observed = f"no column {', '.join(absent)}"
        return CheckResult(name, False, "error", observed, expected, Problem("AUDIT_COLUMN_UNKNOWN", values))  # noqa: FBT003


def check_outcome(
    name: str, problem: Problem | None, observed: str, expected: str, *, warning: bool = False
) -> CheckResult:
    """Build a check result; the check passed if ``problem`` is None."""
    return CheckResult(name, problem is None, "warning" if warning else "error", observed, expected, problem)
