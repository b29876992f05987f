"""What an audit looks at: a contract, the counts of a batch, and its staged rows in DuckDB."""

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
    """Rows of a batch as conform counted them, and the standard rows of the batches before it."""

    rows_in: int
    standard: int
    quarantined: int
    history: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class AuditInput:
    """``columns`` (name → DuckDB type) is empty where nothing was staged; there is then no view ``staged``."""

    contract: Contract
    counted: AuditCounts
    now: datetime
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str] = field(default_factory=dict)

    def one(self, sql: str) -> tuple[Any, ...]:
        """The only row of a query."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return tuple(row)

    def missing(self, name: str, columns: Sequence[str], expected: str) -> CheckResult | None:
        """A failed check where a promise is about columns that the staged rows do not have."""
        absent = [column for column in columns if column not in self.columns]
        if not self.columns or not absent:
            return None
        values = {"dataset": self.contract.dataset, "check": name, "columns": ", ".join(absent)}
        observed = f"no column {', '.join(absent)}"
        return CheckResult(name, False, "error", observed, expected, Problem("AUDIT_COLUMN_UNKNOWN", values))  # noqa: FBT003


def check_outcome(
    name: str, problem: Problem | None, observed: str, expected: str, *, warning: bool = False
) -> CheckResult:
    """A check that failed where there is a problem."""
    return CheckResult(name, problem is None, "warning" if warning else "error", observed, expected, problem)
