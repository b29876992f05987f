"""Commit: adds staged files to Delta tables, exactly once, in one transaction per table."""
