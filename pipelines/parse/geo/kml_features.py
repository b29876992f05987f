"""KML 2.2 (OGC 12-007r2) as features: every placemark, with its data as text.

GDAL types the data, cuts numbers that do not fit, and makes a layer of each folder; so the placemarks are read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.pipelines.parse.flatten_json import FlatRow
from citylake.pipelines.parse.geo.crs_name import GEOJSON_CRS
from citylake.pipelines.parse.geo.feature_batch import Feature, feature_batches
from citylake.pipelines.parse.geo.geometry_text import shapes_from_wkt
from citylake.pipelines.parse.geo.kml_geometry import KML_GEOMETRIES, kml_wkt
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.xml_stream import XmlRecords, child_elements, element_text, local_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    import polars as pl

_OWN = {
    "name": ("name",),
    "description": ("description",),
    "address": ("address",),
    "phoneNumber": ("phoneNumber",),
    "when": ("TimeStamp", "when"),
    "begin": ("TimeSpan", "begin"),
    "end": ("TimeSpan", "end"),
}
"""Column → the path of KML's own element."""
_ID = "placemark.id"


def kml_batches(request: ReadRequest, path: Path) -> Iterator[pl.DataFrame]:
    """The placemarks in their order, in WGS-84, as KML requires. Raises HEADER_DUPLICATE and the faults of XML."""
    placemarks = XmlRecords(request, path, ("Placemark",))
    yield from feature_batches(request, map(_feature, placemarks), shapes_from_wkt, GEOJSON_CRS)


def _feature(placemark: Element) -> Feature:
    own = {column: element_text(placemark, *way) for column, way in _OWN.items()}
    row: FlatRow = {name: text for name, text in own.items() if text is not None or name == "name"}
    if placemark.get("id"):
        row[_ID] = placemark.get("id")
    for name, value in _extended_data(placemark):
        # A name that is also KML's own, as "name" often is, would else be two columns.
        row[f"ExtendedData.{name}" if name in (*_OWN, _ID) else name] = value
    shape = next((each for each in placemark if local_name(each) in KML_GEOMETRIES), None)
    return row, None if shape is None else kml_wkt(shape)


def _extended_data(placemark: Element) -> Iterator[tuple[str, str | None]]:
    for data in child_elements(placemark, "ExtendedData"):
        for each in child_elements(data, "Data"):
            yield each.get("name", ""), element_text(each, "value")
        for schema in child_elements(data, "SchemaData"):
            for each in child_elements(schema, "SimpleData"):
                yield each.get("name", ""), (each.text or "").strip() or None
