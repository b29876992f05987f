"""WHERE it runs: the stand-in city, and the wiring for production."""
