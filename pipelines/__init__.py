"""HOW data moves: pull, parse, conform, audit, commit, build, publish."""
