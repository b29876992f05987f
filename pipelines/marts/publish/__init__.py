"""A mart's DuckDB file: filled, checked, pointed at, and kept while somebody reads it."""
