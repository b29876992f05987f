"""A mart's SELECT understood: its tables, columns, and where each comes from."""
