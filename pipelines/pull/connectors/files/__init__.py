"""The connector ``files``."""
