"""Commands of citylake, each in a fork of a process that has imported what commands use: none of them has to start."""
