"""DATEX II publications, versions 2 and 3."""
