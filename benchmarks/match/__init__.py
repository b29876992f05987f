"""How well field names are matched with data elements, against real mappings and Chinese names."""
