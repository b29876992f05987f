"""The connector ``http``."""
