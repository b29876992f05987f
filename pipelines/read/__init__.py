"""Queries on a lake: marts, the ledger, the quarantine and data age; nothing here writes tables."""
