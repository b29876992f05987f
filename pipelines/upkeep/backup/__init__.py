"""Copies of a whole lake, taken while runs go on, and the lake made again from one of them."""
