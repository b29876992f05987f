"""The engine of one pass over blocks of rows: evaluate, refuse, find duplicates, write. No source formats."""
