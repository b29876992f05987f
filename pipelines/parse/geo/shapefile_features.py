"""Shapefiles: geometries by GDAL, and attributes from the dBASE table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.parse.geo.dbf_table import read_dbf
from citylake.pipelines.parse.geo.feature_batch import with_geometry
from citylake.pipelines.parse.geo.gdal_layers import GdalLayer
from citylake.pipelines.parse.geo.geo_files import GeoFile
from citylake.pipelines.parse.geo.geometry_text import shapes_from_wkb
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.schemas.model.formats import GeoFormat

if TYPE_CHECKING:
    import polars as pl


def shapefile_batches(
    request: ReadRequest, file: GeoFile, fmt: GeoFormat, report: ParseReport
) -> Iterator[pl.DataFrame]:
    """The features in order, without deleted records. Raises GEO_BROKEN, GEO_CRS_MISSING, and faults of encodings."""
    layer = GdalLayer(request, file.path, "shapefile", None)
    crs = fmt.crs or layer.crs
    if crs is None:
        raise request.fault("GEO_CRS_MISSING", kind=".shp")
    code_page = file.parts["cpg"].read_text("latin-1") if "cpg" in file.parts else None
    table = read_dbf(request, file.parts["dbf"], fmt.encoding, code_page, report)
    for block in layer.blocks(attributes=False):
        if len(block.numbers) and block.numbers.max() >= len(table.records):
            raise request.fault("GEO_BROKEN", reason=f".dbf: {len(table.records)} records, fewer than geometries")
        kept = ~table.deleted(block.numbers)
        shapes, sources = shapes_from_wkb([wkb for wkb, keep in zip(block.wkb, kept, strict=True) if keep])
        yield with_geometry(request, table.text(block.numbers[kept]), shapes, sources, crs)
