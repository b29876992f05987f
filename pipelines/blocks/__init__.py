"""Rows in blocks of bounded memory, and the protocol by which parse gives them to conform. No format and no rule."""
