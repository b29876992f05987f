"""Drift that shows only in the values of a batch, found once it is staged."""
