"""Audit: a staged batch against what its contract promises, before anything of it is visible."""

from quality.audit.step import audit

__all__ = ["audit"]
