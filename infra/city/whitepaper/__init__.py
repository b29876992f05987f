"""The systems of the white paper: what is shown of each, and the run that shows them all."""
