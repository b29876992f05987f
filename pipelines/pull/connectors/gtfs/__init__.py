"""``gtfs``: a GTFS zip at a stable address."""
