"""Road traffic, roads, vehicles and parking; issue types of DATEX II.

Declarations only, no code.
"""
