"""Vocabulary of villages, employment, social insurance, care of the elderly and education."""
