"""The connector ``datex2``."""
