"""Vocabulary of equipment and assets over their lives."""
