"""Vocabulary of batches of food from producer to shop."""
