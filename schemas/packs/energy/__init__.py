"""Meters and the use of electricity, gas, heat and water.

Declarations only, no code.
"""
