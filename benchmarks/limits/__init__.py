"""The bare engines reading the same file, without any rules."""
