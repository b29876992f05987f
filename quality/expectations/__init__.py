"""Expectation suites generated from contracts, run with Great Expectations; Data Docs as output. No row-level rules."""
