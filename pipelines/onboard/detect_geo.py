"""Recognition of files with geometries by their first bytes."""

from __future__ import annotations

import re
from importlib.util import find_spec

from citylake.pipelines.parse.geo.geo_content import geo_head_kind
from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ResponseHead

_MEMBERS = re.compile(rb"\.(?:shp|kml|gml|gpkg|geojson)PK|[\w)-]\.(?:shp|kml|gml|gpkg|geojson)\b", re.IGNORECASE)
"""The name of a member, in the local header or in the directory of a zip."""
_FEATURES = re.compile(rb'^[^\[]{0,2000}"type"\s*:\s*"Feature(?:Collection)?"', re.DOTALL)
_GEOPARQUET = b'"primary_column"'
"""The footer has it; of a long file, only the beginning is here."""


def detect_geo(found: ResponseHead) -> SourceGuess | None:
    """A file with geometries that is no zip; None if it is another, or a page of a service."""
    kind = geo_head_kind(found.body)
    if kind == "geojson" and not _is_geojson_file(found):
        return None
    if kind == "geoparquet" and _GEOPARQUET not in found.body:
        return None
    return _guess_geo(found) if kind else None


def detect_geo_zip(found: ResponseHead) -> SourceGuess | None:
    """A zip with a shapefile or another file with geometries."""
    return _guess_geo(found) if _MEMBERS.search(found.body) else None


def _is_geojson_file(found: ResponseHead) -> bool:
    """Whether it is one document of features; without the libraries, it is read as JSON."""
    paged = isinstance(found.document, dict) and bool({"links", "next", "numberMatched"} & found.document.keys())
    return bool(_FEATURES.search(found.body)) and not paged and find_spec("shapely") is not None


def _guess_geo(found: ResponseHead) -> SourceGuess:
    return SourceGuess("http", {"connector": "http", "url": found.url, "format": "geo"}, "geo")
