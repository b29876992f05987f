"""A mart made again as of an earlier time, from receipts, declarations and decisions of that time; no table changes."""
