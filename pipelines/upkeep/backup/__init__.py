"""Backups of a whole lake, taken while runs continue, and their restore."""
