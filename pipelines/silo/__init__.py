"""How far departments' data meet: join readiness of two datasets, and the silo map of all. It decides nothing."""
