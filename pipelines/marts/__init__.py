"""Marts, from SQL to a published DuckDB file: planning, incremental builds, publication, SQL functions."""
