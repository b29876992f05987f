"""One archive that installs citylake on a machine without a network."""
