"""Runs the SELECT of a mart table on a Spark Connect endpoint; the rows become the same curated table."""
