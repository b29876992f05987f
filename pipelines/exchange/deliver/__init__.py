"""Deliveries to other departments: a version of a mart or dataset into a front-end database or folder, exactly once."""
