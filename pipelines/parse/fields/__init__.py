"""Delimited bytes to dictionary codes: ``fields.c``, and the memory in which it runs."""
