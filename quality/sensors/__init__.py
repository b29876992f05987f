"""Rules that know sensors: tests over series of readings. Each returns the spans in which it found a fault."""
