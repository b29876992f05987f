"""A city data lake: every department's data, one meaning each, every row accounted for."""
