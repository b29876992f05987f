"""Vocabulary of carbon dioxide from energy, and allowances."""
