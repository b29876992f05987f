"""Other projects doing the same work on the same file, each in its own environment."""
