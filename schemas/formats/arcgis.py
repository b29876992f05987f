"""ArcGIS feature pages."""

from __future__ import annotations

from typing import Literal

from schemas.declaration import Declaration


class ArcgisFormat(Declaration):
    """Esri JSON pages: a row a feature, attributes as columns, geometry in WGS-84."""

    type: Literal["arcgis"] = "arcgis"
