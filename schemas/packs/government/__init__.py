"""Persons, organisations, public services, schools and municipal facilities.

Declarations only, no code.
"""
