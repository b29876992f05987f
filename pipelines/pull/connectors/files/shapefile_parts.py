"""Shapefiles in a folder: one file with geometries, and its further parts beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.pipelines.pull.connectors.files.files_source import FilesSource
from citylake.pipelines.pull.connectors.files.source_file import SourceFile
from citylake.schemas.model.formats import GeoFormat

_PARTS = (".dbf", ".shx", ".prj", ".cpg")


def is_shapefile(path: str, source: FilesSource) -> bool:
    """Whether the file at ``path`` has its attributes in files beside it."""
    return isinstance(source.format, GeoFormat) and path.lower().endswith(".shp")


def is_shapefile_part(path: str, source: FilesSource) -> bool:
    """Whether the file at ``path`` belongs to a shapefile, and is no data of its own."""
    return isinstance(source.format, GeoFormat) and path.lower().endswith((*_PARTS, ".sbn", ".sbx", ".shp.xml", ".qpj"))


def shapefile_parts(file: SourceFile, folder: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The paths of the parts in ``folder`` that have the name of ``file``, in any case."""
    stem = file.path[: -len(".shp")]
    wanted = {f"{stem}{part}".lower() for part in _PARTS}
    return sorted(path for path in folder if path.lower() in wanted)
