"""One service per protocol, as its specification describes it, over the same city."""
