"""ArcGIS feature services."""

from __future__ import annotations

from typing import Literal

from schemas.formats import ArcgisFormat
from schemas.source.base import AnyFormat
from schemas.source.http import HttpBase


class ArcgisSource(HttpBase):
    """A layer of an ArcGIS FeatureServer or MapServer."""

    connector: Literal["arcgis"]
    format: AnyFormat = ArcgisFormat()
