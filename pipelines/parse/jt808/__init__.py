"""Messages of JT/T 808, by which terminals in vehicles report positions: frames, subpackages and rows."""
