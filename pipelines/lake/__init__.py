"""Storage of the lake: zones, object stores, Delta tables, DuckDB, and the ledger. No code of a pipeline step."""
