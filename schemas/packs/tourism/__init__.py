"""Vocabulary of venues, visitors and capacity."""
