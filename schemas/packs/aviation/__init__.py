"""Flights, airlines, airports and aircraft.

Declarations only, no code.
"""
