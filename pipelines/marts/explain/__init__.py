"""Writes into a published file what its reader has to know: passport, notes, codes, dimensions, names."""
