"""Rows in blocks: what fits into memory whatever the input, each distinct text once, several blocks at a time."""
