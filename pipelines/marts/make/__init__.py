"""Builds a mart's curated tables from its SELECTs: changed days, views, waiting days; no publication."""
