"""``ckan``: a resource of a CKAN portal: its table in the datastore, or its file."""
