"""Files with geometries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.model.formats.csv_format import Encoding
from citylake.schemas.model.formats.format_base import SourceFormat

GeoKind = Literal["geojson", "gml", "kml", "shapefile", "geopackage", "geoparquet"]


class GeoFormat(SourceFormat):
    """Files with geometries: GeoJSON, GML, KML (KMZ), shapefile, GeoPackage and GeoParquet, plain or in a zip.

    A row a feature, attributes as columns by their names with the text that the file has. ``geometry`` is one column:
    WKT in the file's own reference system, which is in ``geometry.crs``; ``geometry.bbox`` is ``xmin,ymin,xmax,ymax``.
    A feature without a geometry has nulls there; a geometry that cannot be read is kept as the text that it was, and
    its binding refuses it. Nothing is repaired, and nothing is fetched that a file refers to.

    The kind is recognised by the content, not by the name. ``layer`` names one layer of a GeoPackage or of GML, or one
    file of a zip, where there are several. ``crs`` states the reference system of a file that does not: a shapefile
    without ``.prj``. ``encoding`` is that of a shapefile's attributes; by default that of its ``.cpg``, or detected.
    """

    type: Literal["geo"] = "geo"
    kind: GeoKind | None = None
    layer: str | None = None
    crs: str | None = Field(None, min_length=1)
    encoding: Encoding | None = None
