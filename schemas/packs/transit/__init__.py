"""Public transport as GTFS Schedule and GTFS Realtime describe it, and its issue types.

Declarations only, no code.
"""
