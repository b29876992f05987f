"""Vocabulary of the grids of urban management and communities, and how divisions nest."""
