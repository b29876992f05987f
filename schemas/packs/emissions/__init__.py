"""Vocabulary of pollution sources, their monitoring and their limits."""
