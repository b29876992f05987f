"""Marts, from SQL to a published file: what changed, how it is made, how readers get it."""
