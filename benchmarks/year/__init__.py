"""A lake with a year of daily runs behind it: a week of one dataset really happens, and is then repeated."""
