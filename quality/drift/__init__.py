"""Drift: decides what follows when a source no longer matches its contract. Measuring is done by conform."""
