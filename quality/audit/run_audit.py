"""The audit step: all checks of ``expect`` and ``references`` on one staged batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from citylake.quality.audit.audit_input import AuditCounts, AuditInput
from citylake.quality.audit.content_checks import check_completeness, check_unique
from citylake.quality.audit.freshness_check import check_freshness
from citylake.quality.audit.reference_checks import check_references
from citylake.quality.audit.volume_checks import check_volume
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
) -> list[CheckResult]:
    """Run every check of a staged batch; a failed check of severity ``error`` holds it.

    ``connection``: an empty DuckDB database that can read the files. ``files``: staged standard Parquet files, possibly
    none. ``now``: with a time zone. ``references``: dataset → active Parquet files of its standard table.
    """
    columns = create_parquet_view(connection, "staged", files) if files else {}
    batch = AuditInput(contract, counts, now, connection, columns)
    return [
        *check_volume(batch),
        *check_completeness(batch),
        *check_unique(batch),
        *check_freshness(batch),
        *check_references(batch, references or {}),
    ]
