"""WHAT it means: the code that reads and checks declarations, and the built-in packs. It reads no data and no lake."""
