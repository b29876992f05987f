"""The generic paged service: its way from page to page, and whether the pages are the whole."""
