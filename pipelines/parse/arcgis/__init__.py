"""Esri JSON: features, and their geometry in WGS-84. Only the format lives here; requests are in ``pull``."""
