"""Layers of ArcGIS services: what they say of themselves, and three ways through their features."""
