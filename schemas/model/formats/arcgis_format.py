"""ArcGIS feature pages."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class ArcgisFormat(SourceFormat):
    """Esri JSON pages: a row a feature, attributes as columns by their names, dates as the epoch milliseconds they are.

    A point is ``geometry.longitude`` and ``geometry.latitude``, any other geometry ``geometry.wkt`` (its x and y), in
    WGS-84, degrees. ``geometry.source`` is the geometry as it came, ``geometry.wkid`` the spatial reference it came in
    (the WKT where it has no number). A feature without a geometry has nulls there.
    """

    type: Literal["arcgis"] = "arcgis"
