"""Functions that a mart's SQL may call, over Arrow batches; no tables, no files."""
