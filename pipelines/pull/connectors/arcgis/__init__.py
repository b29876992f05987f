"""``arcgis``: features of a layer of an ArcGIS FeatureServer or MapServer."""
