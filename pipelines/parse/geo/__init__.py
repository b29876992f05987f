"""Files with geometries: a row a feature, its geometry as WKT. Reprojection is in ``conform``; nothing is fetched."""
