"""HOW GOOD it is: row rules, batch audits, drift decisions, expectation suites and reports; no pipeline code."""
