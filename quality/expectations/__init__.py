"""Expectation suites generated from contracts, run with Great Expectations, with Data Docs as output. No row-level rules."""
