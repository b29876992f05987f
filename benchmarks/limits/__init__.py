"""What the bare engines need for reading the same file, with no rules at all."""
