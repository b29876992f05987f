"""GeoParquet 1.0 and 1.1: Parquet whose file metadata name the column of the geometries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.parse.arrow_to_text import arrow_to_text
from citylake.pipelines.parse.geo.crs_name import GEOJSON_CRS
from citylake.pipelines.parse.geo.feature_batch import with_geometry
from citylake.pipelines.parse.geo.geometry_text import shapes_from_wkb
from citylake.pipelines.parse.parquet_reader import arrow_batches, open_parquet
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.model.formats import GeoFormat


def geoparquet_batches(request: ReadRequest, path: Path, fmt: GeoFormat) -> Iterator[pl.DataFrame]:
    """The rows as features. Raises GEO_BROKEN, GEO_CRS_MISSING, and the faults of Parquet."""
    with open_parquet(request, path) as file:
        name, column = _stated_column((file.schema_arrow.metadata or {}).get(b"geo", b"{}"))
        if name not in file.schema_arrow.names:
            raise request.fault("GEO_BROKEN", reason="Parquet without the metadata of GeoParquet (geo)")
        if column.get("encoding") != "WKB":
            raise request.fault("GEO_BROKEN", reason=f"encoding {column.get('encoding')}, not WKB")
        crs = fmt.crs or _crs_text(request, column.get("crs", {}))
        for batch in arrow_batches(request, file):
            shapes, sources = shapes_from_wkb(batch.column(name).to_pylist())
            others = [arrow_to_text(batch.column(each)).alias(each) for each in batch.schema.names if each != name]
            yield with_geometry(request, pl.DataFrame(others), shapes, sources, crs)


def _stated_column(metadata: bytes) -> tuple[str, dict[str, Any]]:
    """The name of the column with the geometries, and what is stated of it; empty if the metadata are invalid."""
    try:
        stated = json.loads(metadata)
        name, column = stated["primary_column"], stated["columns"][stated["primary_column"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", {}
    return (name, column) if isinstance(name, str) and isinstance(column, dict) else ("", {})


def _crs_text(request: ReadRequest, crs: Any) -> str:
    """``AUTHORITY:code`` of PROJJSON, else the PROJJSON; null means unknown, absent means WGS-84."""
    if crs == {}:
        return GEOJSON_CRS
    if not isinstance(crs, dict):
        raise request.fault("GEO_CRS_MISSING", kind="GeoParquet")
    named = crs.get("id")
    if isinstance(named, dict) and {"authority", "code"} <= named.keys():
        return f"{named['authority']}:{named['code']}"
    return json.dumps(crs)
