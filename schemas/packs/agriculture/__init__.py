"""Vocabulary of plots, crops, their environment and storage."""
