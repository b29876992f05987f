"""The Open Data Contract Standard (ODCS) 3.2: contracts and marts as its documents, and contracts out of them."""
