"""``rest_paged``: any JSON service that answers page by page."""
