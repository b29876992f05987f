"""``sensorthings``: observations of OGC SensorThings Datastreams (OGC 18-088), page by page."""
