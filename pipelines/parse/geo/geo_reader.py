"""``geo``: a row a feature, whatever kind of file it is in."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from citylake.pipelines.parse.geo.feature_batch import with_geometry
from citylake.pipelines.parse.geo.gdal_layers import GdalLayer
from citylake.pipelines.parse.geo.geo_files import GeoFile, open_geo_files
from citylake.pipelines.parse.geo.geojson_features import geojson_batches
from citylake.pipelines.parse.geo.geometry_text import GEOMETRY_COLUMNS, shapes_from_wkb
from citylake.pipelines.parse.geo.geoparquet_features import geoparquet_batches
from citylake.pipelines.parse.geo.kml_features import kml_batches
from citylake.pipelines.parse.geo.shapefile_features import shapefile_batches
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.xml_stream import refuse_unsafe_xml
from citylake.schemas.model.formats import GeoFormat


def read_geo(request: ReadRequest, fmt: GeoFormat) -> ReadResult:
    """Write the features of all files as one table.

    ``_part`` is the file if there are several, ``_row`` the feature. Raises the faults of :func:`open_geo_files` and of
    the readers of each kind.
    """
    report, spool, kinds = ParseReport(), Spool(request.scratch), list[str]()
    for number, file in enumerate(open_geo_files(request, fmt), 1):
        kinds.append(file.kind)
        part, start = (str(number) if len(request.files) > 1 and not file.parts else ""), 1
        for batch in _batches(request, file, fmt, report):
            numbers = pl.int_range(start, start + len(batch), dtype=pl.Int64, eager=True)
            spool.add(batch.with_columns(_part=pl.lit(part), _row=numbers))
            start += len(batch)
    names = tuple(column for column in spool.columns if column not in ("_part", "_row", *GEOMETRY_COLUMNS))
    columns = (*names, *GEOMETRY_COLUMNS)
    check_column_names(request, columns, 1)
    written = request.write(spool.frame(columns), spool.group_rows)
    report.facts |= {"features": written, "kind": ", ".join(dict.fromkeys(kinds))}
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(columns, written, report)


def _batches(request: ReadRequest, file: GeoFile, fmt: GeoFormat, report: ParseReport) -> Iterator[pl.DataFrame]:
    match file.kind:
        case "geojson":
            return geojson_batches(request, file.path, fmt, report)
        case "kml":
            return kml_batches(request, file.path)
        case "shapefile":
            return shapefile_batches(request, file, fmt, report)
        case "geoparquet":
            return geoparquet_batches(request, file.path, fmt)
        case _:
            return _gdal_batches(request, file, fmt)


def _gdal_batches(request: ReadRequest, file: GeoFile, fmt: GeoFormat) -> Iterator[pl.DataFrame]:
    """The features of GML or of a GeoPackage."""
    if file.kind == "gml":
        refuse_unsafe_xml(request, file.path)
    layer = GdalLayer(request, file.path, file.kind, file.layer)
    crs = fmt.crs or layer.crs
    if crs is None:
        raise request.fault("GEO_CRS_MISSING", kind=file.kind)
    for block in layer.blocks():
        shapes, sources = shapes_from_wkb(block.wkb)
        yield with_geometry(request, block.attributes, shapes, sources, crs)
