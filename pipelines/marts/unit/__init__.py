"""Runs the tests beside a mart's SELECTs: given rows in, expected rows out, in DuckDB as a build uses it."""
