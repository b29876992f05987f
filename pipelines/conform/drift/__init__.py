"""Drift of a batch, measured in its columns and values. Decisions are made in ``citylake.quality.drift``."""
