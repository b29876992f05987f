"""Vocabulary of municipal utilities: components, pipe networks, lamps, manholes and their inspections."""
