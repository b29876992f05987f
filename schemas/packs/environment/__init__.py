"""Air, noise, water and weather; the editions of the air-quality index and their issue types.

Declarations only, no code.
"""
