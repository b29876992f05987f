"""Landed bytes to text columns in the raw zone, one reader per format. No binding, no typing and no rule."""
