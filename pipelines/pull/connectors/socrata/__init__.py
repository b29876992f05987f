"""``socrata``: rows of a dataset of a Socrata portal, page by page."""
