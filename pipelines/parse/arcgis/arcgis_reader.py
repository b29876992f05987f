"""Esri JSON: one row per feature, with its attributes and its geometry in WGS-84 as columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from citylake.pipelines.parse.arcgis.esri_geometry import EsriGeometry, geometry_columns, spatial_reference
from citylake.pipelines.parse.check_envelope import read_json_member
from citylake.pipelines.parse.encoding_decision import undecodable_fault
from citylake.pipelines.parse.flatten_json import FlatRow, flatten_value
from citylake.pipelines.parse.json_records import read_json_records
from citylake.pipelines.parse.json_stream import JsonBrokenError, JsonDocument, RepeatedMemberError
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS, RECORD_CHARS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names, text_schema
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.text_encoding import detect_encoding
from citylake.pipelines.parse.utf8_scan import first_undecodable_byte
from citylake.schemas.model.formats import ArcgisFormat

_FEATURES, _GEOMETRY = "features", "geometry"
_SHAPE = "esriFieldTypeGeometry"
_WHOLE = ("esriFieldTypeOID", "esriFieldTypeSmallInteger", "esriFieldTypeInteger", "esriFieldTypeBigInteger")


def read_arcgis(request: ReadRequest, _: ArcgisFormat) -> ReadResult:
    """Write every page of ``request`` as one table; ``_part`` is the page if there are several, ``_row`` the feature.

    Raises SPATIAL_REFERENCE_UNKNOWN, GEOMETRY_UNKNOWN, and the faults of JSON.
    """
    report, spool, rows = ParseReport(), Spool(request.scratch), 0
    for number, path in enumerate(request.files, 1):
        part = str(number) if len(request.files) > 1 else ""
        for batch in _page_batches(request, path, report):
            rows += len(batch)
            spool.add(batch.with_columns(_part=pl.lit(part)))
    names = tuple(column for column in spool.columns if column not in ("_part", "_row"))
    check_column_names(request, names, 1)
    written = request.write(spool.frame())
    report.facts |= {"features": rows, "pages": len(request.files)}
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(names, written, report)


def _page_batches(request: ReadRequest, path: Path, report: ParseReport) -> Iterator[pl.DataFrame]:
    text = detect_encoding(request, path, "utf-8", "json", report)
    try:
        yield from _feature_batches(_FeaturePage(request, text.path))
    except UnicodeDecodeError:
        raise undecodable_fault(request, first_undecodable_byte(text.path, "utf-8"), text.encoding) from None


class _FeaturePage:
    """One page, and its declarations beside the features."""

    def __init__(self, request: ReadRequest, path: Path) -> None:
        self.request, self.path = request, path
        self.head: dict[str, Any] = {}
        # Reading the features finds the same fault, and reports its position.
        with suppress(JsonBrokenError, RepeatedMemberError), path.open(encoding="utf-8-sig", newline="") as file:
            self.head = JsonDocument(file, RECORD_CHARS).head(_FEATURES)

    @cached_property
    def reference(self) -> str:
        """The spatial reference, which a server may also put after the features."""
        found = self.head.get("spatialReference")
        with suppress(JsonBrokenError, RepeatedMemberError):
            found = found or read_json_member(self.path, "spatialReference")
        return spatial_reference(found)

    @property
    def columns(self) -> tuple[str, ...]:
        """The declared attributes, in order."""
        fields = [each for each in self.head.get("fields") or () if isinstance(each, dict) and "name" in each]
        return tuple(str(each["name"]) for each in fields if each.get("type") != _SHAPE)

    @property
    def whole_columns(self) -> tuple[str, ...]:
        """The declared attributes that are whole numbers."""
        fields = [each for each in self.head.get("fields") or () if isinstance(each, dict)]
        return tuple(str(each["name"]) for each in fields if each.get("type") in _WHOLE and "name" in each)

    def features(self) -> Iterator[tuple[int, FlatRow, EsriGeometry | None, str]]:
        """Number, attributes and geometry of each feature, with its spatial reference (empty without one)."""
        found = read_json_records(
            self.request, self.path, _FEATURES, lambda document: document.parted(_FEATURES, _GEOMETRY)
        )
        for row, feature in enumerate(found, 1):
            attributes, (geometry, text) = feature.get("attributes", (None, ""))[0], feature.get(_GEOMETRY, (None, ""))
            if not isinstance(attributes, dict):
                raise self.request.fault("JSON_NO_RECORDS", path="features.attributes", row=row)
            shape = None if geometry in (None, {}) else self._shape(row, geometry, text)
            own = spatial_reference(geometry.get("spatialReference")) if shape else ""
            yield row, flatten_value(attributes), shape, own or (self.reference if shape else "")

    def _shape(self, row: int, geometry: Any, text: str) -> EsriGeometry:
        try:
            return EsriGeometry.of(geometry, text)
        except ValueError as error:
            raise self.request.fault("GEOMETRY_UNKNOWN", row=row, geometry=str(error)) from None


@dataclass(slots=True)
class _FeatureBatch:
    """Buffered features of one spatial reference."""

    page: _FeaturePage
    reference: str = ""
    """Empty until a geometry is added."""
    rows: list[FlatRow] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    shapes: list[EsriGeometry | None] = field(default_factory=list)
    chars: int = 0

    @property
    def full(self) -> bool:
        """Whether the limit for memory is reached."""
        return len(self.rows) >= BATCH_ROWS or self.chars >= BATCH_CHARS

    def add(self, number: int, row: FlatRow, shape: EsriGeometry | None) -> None:
        self.rows.append(row)
        self.numbers.append(number)
        self.shapes.append(shape)
        self.chars += sum(len(value) for value in row.values() if value) + (len(shape.source) if shape else 0)

    def table(self) -> pl.DataFrame:
        names = dict.fromkeys((*self.page.columns, *(name for row in self.rows for name in row)))
        kind = self.page.head.get("geometryType")
        made = geometry_columns(self.page.request, self.numbers, self.shapes, self.reference, kind)
        clash = next((name for name in made if name in names), None)
        if clash:
            raise self.page.request.fault("JSON_COLUMN_CLASH", row=next(iter(self.numbers), 1), column=clash)
        frame, shapes = pl.DataFrame(self.rows, schema=text_schema(names)), pl.DataFrame(made, schema=text_schema(made))
        whole = [name for name in self.page.whole_columns if name in frame.columns]
        frame = frame.with_columns(map(_whole_number_text, whole))
        return frame.with_columns(shapes.get_columns()).with_columns(_row=pl.Series(self.numbers, dtype=pl.Int64))


def _whole_number_text(name: str) -> pl.Expr:
    """Whole numbers that a server writes as floats (``6.4579816E7``) as digits; other texts unchanged."""
    text = cs.by_name(name)
    number = pl.when(text.str.contains(r"[.eE]")).then(text.cast(pl.Float64, strict=False))
    whole = number.cast(pl.Int64, strict=False)
    return pl.when(whole.cast(pl.Float64) == number).then(whole.cast(pl.String)).otherwise(text).alias(name)


def _feature_batches(page: _FeaturePage) -> Iterator[pl.DataFrame]:
    """Features as text columns, in batches of bounded size; one empty table if there are none."""
    held = _FeatureBatch(page)
    for number, row, shape, own in page.features():
        reference = own or held.reference
        if held.full or (held.reference and reference != held.reference):
            yield held.table()
            held = _FeatureBatch(page)
        held.reference = reference
        held.add(number, row, shape)
    yield held.table()
