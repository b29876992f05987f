"""Delimited files in the layouts that portals and offices send, and the share that a drafted contract reads right."""
