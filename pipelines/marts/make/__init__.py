"""A mart's tables from its SELECTs: days, views, what waits; publishing is next door."""
