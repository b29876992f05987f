"""The connector ``gtfs``."""
