"""Audit: checks a staged batch against the expectations of its contract, before any of its rows are visible."""

from citylake.quality.audit.audit_input import AuditCounts
from citylake.quality.audit.run_audit import audit_batch
from citylake.quality.audit.table_history import TableHistory

__all__ = ["AuditCounts", "TableHistory", "audit_batch"]
