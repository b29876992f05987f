"""The connector ``database``."""
