"""The stand-in city 澜海市 (Lanhai): a fictional city's departments, their data and their dirt."""
