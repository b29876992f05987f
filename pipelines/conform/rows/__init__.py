"""The engine of one pass over blocks of rows: evaluate, refuse, find repeats, write."""
