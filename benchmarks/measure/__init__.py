"""Whole processes, timed one after another in turns."""
