"""The demonstration city 澜海市 (Lanhai): a fictional city's departments, their data and its faults."""
