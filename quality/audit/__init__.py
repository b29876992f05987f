"""Audit: a staged batch against what its contract promises, before anything of it is visible."""

from citylake.quality.audit.run_audit import audit_batch

__all__ = ["audit_batch"]
