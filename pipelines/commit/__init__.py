"""Commit: staged files become part of Delta tables, exactly once, in one transaction a table."""
