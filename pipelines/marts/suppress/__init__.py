"""Hides small counts in what a mart publishes, and the counts from which they could be computed."""
