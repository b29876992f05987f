"""From a folder of YAML to a registry of declarations, with the place of each."""
