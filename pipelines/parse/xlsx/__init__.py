"""Workbooks: cells as the text that a person would see."""
