"""GeoJSON (RFC 7946) as features: properties as text, and the geometry's own text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.pipelines.parse.check_envelope import read_json_member
from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.flatten_json import FlatRow, flatten_value
from citylake.pipelines.parse.geo.crs_name import GEOJSON_CRS, short_crs_name
from citylake.pipelines.parse.geo.feature_batch import Feature, feature_batches
from citylake.pipelines.parse.geo.feature_lines import feature_lines, is_feature_sequence
from citylake.pipelines.parse.geo.geometry_text import shapes_from_geojson
from citylake.pipelines.parse.json_records import read_json_records
from citylake.pipelines.parse.json_stream import JsonBrokenError, JsonDocument, RepeatedMemberError
from citylake.pipelines.parse.parse_limits import RECORD_CHARS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import detect_encoding
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte
from citylake.schemas.model.formats import GeoFormat

if TYPE_CHECKING:
    import polars as pl

_FEATURES, _GEOMETRY, _CRS = "features", "geometry", "crs"
_READ_APART = ("type", "properties", "id", _GEOMETRY, "bbox")
_TAIL_BYTES = 1 << 16


def geojson_batches(request: ReadRequest, path: Path, fmt: GeoFormat, report: ParseReport) -> Iterator[pl.DataFrame]:
    """The features of a FeatureCollection, a single one, or one on each line (RFC 8142).

    Raises GEO_BROKEN, GEO_CRS_MISSING (``"crs": null`` in a file of 2008), and the faults of JSON.
    """
    text = detect_encoding(request, path, "utf-8", "json", report)
    try:
        if is_feature_sequence(text.path):
            lines = feature_lines(request, text.path)
            made = (_feature(request, row, feature) for row, feature in lines)
            yield from feature_batches(request, made, shapes_from_geojson, fmt.crs or GEOJSON_CRS)
            return
        head = _head(text.path)
        crs = fmt.crs or _stated_crs(request, text.path, head)
        records = None if head.get("type") == "Feature" else _FEATURES
        yield from feature_batches(request, _features(request, text.path, records), shapes_from_geojson, crs)
    except UnicodeDecodeError:
        raise undecodable_fault(request, first_undecodable_byte(text.path, "utf-8"), text.encoding) from None


def _head(path: Path) -> dict[str, Any]:
    """The members before the features. Reading the features finds any fault, and reports its position."""
    with suppress(JsonBrokenError, RepeatedMemberError), path.open(encoding="utf-8-sig", newline="") as file:
        return JsonDocument(file, RECORD_CHARS).head(_FEATURES)
    return {}


def _stated_crs(request: ReadRequest, path: Path, head: dict[str, Any]) -> str:
    """The name in the member ``crs``, which may also follow the features; WGS-84 if there is none."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        after = b'"crs"' in file.read()
    if _CRS not in head and not after:
        return GEOJSON_CRS
    with suppress(JsonBrokenError, RepeatedMemberError):
        stated = head[_CRS] if _CRS in head else read_json_member(path, _CRS)
        if stated is None and _CRS not in head:
            return GEOJSON_CRS
        name = stated["properties"]["name"] if isinstance(stated, dict) and stated.get("type") == "name" else None
        if isinstance(name, str):
            return short_crs_name(name)
        raise request.fault("GEO_CRS_MISSING", kind="GeoJSON")
    return GEOJSON_CRS


def _features(request: ReadRequest, path: Path, records: str | None) -> Iterator[Feature]:
    found = read_json_records(request, path, records, lambda document: document.parted(records or "", _GEOMETRY))
    return (_feature(request, row, feature) for row, feature in enumerate(found, 1))


def _feature(request: ReadRequest, row: int, feature: dict[str, tuple[Any, str]]) -> Feature:
    if feature.get("type", ("", ""))[0] != "Feature":
        raise request.fault("GEO_BROKEN", reason=f"feature {row}: its type is not Feature")
    value, text = feature.get(_GEOMETRY, (None, ""))
    return _attributes(request, row, feature), None if value is None else text


def _attributes(request: ReadRequest, row: int, feature: dict[str, tuple[Any, str]]) -> FlatRow:
    """The properties by their names; any other member of the feature as ``feature.<name>``."""
    properties = feature.get("properties", (None, ""))[0]
    others = {name: value for name, (value, _) in feature.items() if name not in _READ_APART or name == "id"}
    try:
        flat = {} if properties is None else flatten_value(properties)
        own = flatten_value(others, "feature")
    except RepeatedMemberError as error:
        raise request.fault("JSON_COLUMN_CLASH", row=row, column=str(error)) from None
    clash = next((name for name in own if name in flat), None)
    if clash:
        raise request.fault("JSON_COLUMN_CLASH", row=row, column=clash)
    return {**own, **flat}
