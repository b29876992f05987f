"""The plan that DuckDB binds for a SELECT, as plain records; nothing is run, and no data is read."""
