"""The reference systems that files state, by their short names."""

from __future__ import annotations

import re

GEOJSON_CRS = "OGC:CRS84"
"""WGS-84 with longitude first: what RFC 7946 and KML require."""
_URN = re.compile(r"urn:(?:x-)?ogc:def:crs:(\w+):[\w.]*:(\w+)", re.IGNORECASE)
_URI = re.compile(r"https?://www\.opengis\.net/(?:def/crs/(\w+)/[\w.]+/|gml/srs/(\w+)\.xml#)(\w+)", re.IGNORECASE)


def short_crs_name(stated: str) -> str:
    """``EPSG:27700`` for a URN or URI that names it; any other text as it is."""
    text = stated.strip()
    urn, uri = _URN.fullmatch(text), _URI.fullmatch(text)
    if urn:
        return f"{urn[1].upper()}:{urn[2].upper()}"
    return f"{(uri[1] or uri[2]).upper()}:{uri[3].upper()}" if uri else text
