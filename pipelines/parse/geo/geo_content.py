"""What kind of geometry file a file is, by its content."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from citylake.schemas.model.formats.geo_format import GeoKind

_HEAD = 1 << 16
_SHAPEFILE = (9994).to_bytes(4, "big")
_GEOPACKAGE = (b"GPKG", b"GP10", b"GP11")
"""Application identifiers in the header of the SQLite file, of version 1.2 and of earlier ones."""
_APPLICATION_ID = slice(68, 72)
_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)([^>]*)")
_GML_NAMESPACE = b"opengis.net/gml"


def geo_file_kind(path: Path) -> GeoKind | None:
    """The kind of a file that is not a zip; None if it is none of them."""
    with path.open("rb") as file:
        return geo_head_kind(file.read(_HEAD))


def geo_head_kind(head: bytes) -> GeoKind | None:
    """The kind of a file that begins with ``head``; any JSON and any Parquet may be one with geometries."""
    if head.startswith(_SHAPEFILE):
        return "shapefile"
    if head.startswith(b"SQLite format 3\0"):
        return "geopackage" if head[_APPLICATION_ID] in _GEOPACKAGE else None
    if head.startswith(b"PAR1"):
        return "geoparquet"
    return _text_kind(head)


def is_zip(path: Path) -> bool:
    """Whether the file is a zip archive."""
    return zipfile.is_zipfile(path)


def _text_kind(head: bytes) -> GeoKind | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"\x1e")):
        return "geojson"
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _text_kind(head.decode("utf-16", "replace").encode())
    root = _ROOT.search(start) if start.startswith(b"<") else None
    if root is None:
        return None
    if root[1].lower() == b"kml":
        return "kml"
    # GDAL takes a document of capabilities for the address of a service, and would ask the service.
    return "gml" if _GML_NAMESPACE in head and b"Capabilities" not in root[1] else None
