"""HOW GOOD it is: rules, gates, expectation suites, reports."""
