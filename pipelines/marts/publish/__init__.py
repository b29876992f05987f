"""Publishes a mart as a DuckDB file: writes it, checks it, moves the pointer, and manages readers' leases."""
