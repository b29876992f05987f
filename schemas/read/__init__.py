"""From workspaces and packs to a registry of declarations with the location of each. Checks are in schemas/lint."""
