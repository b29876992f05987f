"""Addresses as text: their parts, one spelling, and the division that they lie in on a day. No lake, no network."""
