"""``gtfs_rt``: the present state of a transit system: one GTFS-Realtime message a pull."""
