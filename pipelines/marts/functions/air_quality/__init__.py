"""The air quality index by edition of its standard: HJ 633-2012, HJ 633-2026, US EPA 2024."""
