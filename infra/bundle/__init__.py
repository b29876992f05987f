"""One archive from which citylake is installed on a machine without a network."""
