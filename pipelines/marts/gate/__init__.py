"""What must hold for a mart's SELECTs before they run: types, units, sums, joins, and that nothing leaks."""
