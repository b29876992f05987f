"""Compares two published versions of a mart cell by cell, and says of every changed cell what changed it."""
