"""What the columns of a SELECT mean: their units, what may be added up, and whose rows a join repeats."""
