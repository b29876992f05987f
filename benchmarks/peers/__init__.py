"""Other projects doing the same work on the same file, each in an environment of its own."""
