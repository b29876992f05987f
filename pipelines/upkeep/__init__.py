"""Maintenance of a lake: compaction, retention, clean-up, backup; no visible row is changed."""
