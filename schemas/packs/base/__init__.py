"""Time, place and exchange, which every city shares; and each issue type that belongs to no other domain.

Declarations only, no code.
"""
