"""Tables, columns and lineage of a mart's SELECT, read with sqlglot. No SQL is run here."""
