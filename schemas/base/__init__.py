"""What the rest of schemas is built on: the base of declarations, YAML with lines, pack folders, nearest words."""
