"""Detector readings of a fictional department, any number of them, with every planted fault known."""
