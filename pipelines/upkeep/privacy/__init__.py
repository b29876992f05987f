"""Sealing of what lies in the lake, and removal of one person from all of it."""
