"""The input of an audit: a contract, the row counts of a batch, and its staged rows in DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from citylake.quality.audit.table_history import TableHistory
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class AuditCounts:
    """Row counts of a batch, as counted by conform.

    ``rows_in``: without filtered rows. ``values_refused``: of standard rows, in ``refusable`` columns.
    """

    rows_in: int
    standard: int
    quarantined: int
    values_refused: int = 0
    refusable: int = 0

    @property
    def quarantine_share(self) -> float:
        """The refused share of the batch; a refused value counts as one of the row's values that can be refused."""
        refused = self.quarantined + self.values_refused / max(self.refusable, 1)
        return refused / self.rows_in if self.rows_in else 0.0


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """The rows that a check is about: a view of a DuckDB connection.

    ``columns`` maps each column of the view to its DuckDB type. It is empty if there is no row; the view need not exist
    then. ``subject``: the dataset or table that messages name.
    """

    subject: str
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str] = field(default_factory=dict)
    view: str = "staged"

    def one(self, sql: str) -> tuple[Any, ...]:
        """Run a query that returns exactly one row, and return that row."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def missing(self, name: str, columns: Sequence[str], expected: str) -> CheckResult | None:
        """Return a failed check if the rows lack any of ``columns``, else None."""
        absent = [column for column in columns if column not in self.columns]
        if not self.columns or not absent:
            return None
        values = {"dataset": self.subject, "check": name, "columns": ", ".join(absent)}
        observed = f"no column {', '.join(absent)}"
        return CheckResult(name, False, "error", observed, expected, Problem("AUDIT_COLUMN_UNKNOWN", values))  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class AuditInput:
    """A batch to audit; ``files`` are its staged standard Parquet files, ``columns`` those of the view ``staged``."""

    contract: Contract
    counted: AuditCounts
    now: datetime
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[str] = ()
    history: TableHistory = field(default_factory=TableHistory)

    @property
    def staged(self) -> CheckedRows:
        """The staged rows."""
        return CheckedRows(self.contract.dataset, self.connection, self.columns)

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of the table's days, if it is known."""
        return ZoneInfo(self.history.zone) if self.history.zone else None

    def one(self, sql: str) -> tuple[Any, ...]:
        """Run a query that returns exactly one row, and return that row."""
        return self.staged.one(sql)

    def missing(self, name: str, columns: Sequence[str], expected: str) -> CheckResult | None:
        """Return a failed check if the staged rows lack any of ``columns``, else None."""
        return self.staged.missing(name, columns, expected)


def check_outcome(
    name: str, problem: Problem | None, observed: str, expected: str, *, warning: bool = False
) -> CheckResult:
    """Build a check result; the check passed if ``problem`` is None."""
    return CheckResult(name, problem is None, "warning" if warning else "error", observed, expected, problem)
