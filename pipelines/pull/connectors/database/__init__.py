"""``database``: rows of a table or a query, read in one transaction."""
