"""The HTML report of a run: figures, words and templates. Reads no lake: every value comes from the run document."""
