"""The connector ``gtfs_rt``."""
