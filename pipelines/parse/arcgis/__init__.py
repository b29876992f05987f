"""Esri JSON: features, and their geometry in WGS-84."""
