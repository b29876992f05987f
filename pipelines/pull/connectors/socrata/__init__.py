"""The connector ``socrata``."""
