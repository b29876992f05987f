"""The gate against leaks: which sensitive columns reach what a mart publishes, and by which path. It reads no data."""
