"""DATEX II publications, versions 2 and 3. Only the format lives here; requests are in ``pull``."""
