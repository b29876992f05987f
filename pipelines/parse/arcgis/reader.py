"""Esri JSON: a row a feature, its attributes as columns, its geometry in WGS-84 beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.parse.arcgis.esri import Shape, columns, reference_of
from pipelines.parse.envelope import member
from pipelines.parse.flatten import Row, flat
from pipelines.parse.given import Given, Read, Report, check_names, texts
from pipelines.parse.jsonstream import Document, JsonBrokenError, RepeatedMemberError
from pipelines.parse.limits import BATCH_CHARS, BATCH_ROWS, RECORD_CHARS
from pipelines.parse.members import members
from pipelines.parse.spool import Spool
from pipelines.parse.text import as_text, bad_row
from schemas.formats import ArcgisFormat

_FEATURES, _GEOMETRY = "features", "geometry"
_SHAPE = "esriFieldTypeGeometry"


def read(given: Given, _: ArcgisFormat) -> Read:
    """Write every page of ``given`` as one table; ``_part`` is the page where there are several, ``_row`` the feature.

    Raises SPATIAL_REFERENCE_UNKNOWN, GEOMETRY_UNKNOWN, and what a JSON document raises.
    """
    report, spool, rows = Report(), Spool(given.scratch), 0
    for number, path in enumerate(given.files, 1):
        part = str(number) if len(given.files) > 1 else ""
        for batch in _page(given, path, report):
            rows += len(batch)
            spool.add(batch.with_columns(_part=pl.lit(part)))
    names = tuple(column for column in spool.columns if column not in ("_part", "_row"))
    check_names(given, names, 1)
    written = given.write(spool.frame())
    report.facts |= {"features": rows, "pages": len(given.files)}
    if not written:
        report.tell("HEADER_ONLY", file=given.shown, row=1)
    return Read(names, written, report)


def _page(given: Given, path: Path, report: Report) -> Iterator[pl.DataFrame]:
    text = as_text(given, path, "utf-8", "json", report)
    try:
        yield from _batches(_Page(given, text.path))
    except UnicodeDecodeError:
        raise given.fault("ENCODING_WRONG", row=bad_row(text.path, "utf-8"), encoding=text.encoding) from None


class _Page:
    """One page, and what it says beside its features."""

    def __init__(self, given: Given, path: Path) -> None:
        self.given, self.path = given, path
        self.head: dict[str, Any] = {}
        # What is broken, the features themselves come upon, and tell where.
        with suppress(JsonBrokenError, RepeatedMemberError), path.open(encoding="utf-8-sig", newline="") as file:
            self.head = Document(file, RECORD_CHARS).head(_FEATURES)

    @cached_property
    def reference(self) -> str:
        """The spatial reference, which a server may put behind the features too."""
        found = self.head.get("spatialReference")
        with suppress(JsonBrokenError, RepeatedMemberError):
            found = found or member(self.path, "spatialReference")
        return reference_of(found)

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes that the page declares, in order."""
        fields = [each for each in self.head.get("fields") or () if isinstance(each, dict) and "name" in each]
        return tuple(str(each["name"]) for each in fields if each.get("type") != _SHAPE)

    def features(self) -> Iterator[tuple[int, Row, Shape | None, str]]:
        """The number, the attributes and the geometry of each, with its spatial reference (empty without one)."""
        found = members(self.given, self.path, _FEATURES, lambda document: document.parted(_FEATURES, _GEOMETRY))
        for row, feature in enumerate(found, 1):
            attributes, (geometry, text) = feature.get("attributes", (None, ""))[0], feature.get(_GEOMETRY, (None, ""))
            if not isinstance(attributes, dict):
                raise self.given.fault("JSON_NO_RECORDS", path="features.attributes", row=row)
            shape = None if geometry in (None, {}) else self._shape(row, geometry, text)
            own = reference_of(geometry.get("spatialReference")) if shape else ""
            yield row, flat(attributes), shape, own or (self.reference if shape else "")

    def _shape(self, row: int, geometry: Any, text: str) -> Shape:
        try:
            return Shape.of(geometry, text)
        except ValueError as error:
            raise self.given.fault("GEOMETRY_UNKNOWN", row=row, geometry=str(error)) from None


@dataclass(slots=True)
class _Held:
    """Features of one spatial reference that wait to be written."""

    page: _Page
    reference: str = ""
    """Empty until there is a geometry."""
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    shapes: list[Shape | None] = field(default_factory=list)
    chars: int = 0

    @property
    def full(self) -> bool:
        """Whether it is as much as may be in memory."""
        return len(self.rows) >= BATCH_ROWS or self.chars >= BATCH_CHARS

    def add(self, number: int, row: Row, shape: Shape | None) -> None:
        self.rows.append(row)
        self.numbers.append(number)
        self.shapes.append(shape)
        self.chars += sum(len(value) for value in row.values() if value) + (len(shape.source) if shape else 0)

    def table(self) -> pl.DataFrame:
        names = dict.fromkeys((*self.page.columns, *(name for row in self.rows for name in row)))
        kind = self.page.head.get("geometryType")
        made = columns(self.page.given, self.numbers, self.shapes, self.reference, kind)
        clash = next((name for name in made if name in names), None)
        if clash:
            raise self.page.given.fault("JSON_COLUMN_CLASH", row=next(iter(self.numbers), 1), column=clash)
        frame, shapes = pl.DataFrame(self.rows, schema=texts(names)), pl.DataFrame(made, schema=texts(made))
        return frame.with_columns(shapes.get_columns()).with_columns(_row=pl.Series(self.numbers, dtype=pl.Int64))


def _batches(page: _Page) -> Iterator[pl.DataFrame]:
    """Features as text columns, a bounded number at a time; one table of no rows where there are none."""
    held = _Held(page)
    for number, row, shape, own in page.features():
        reference = own or held.reference
        if held.full or (held.reference and reference != held.reference):
            yield held.table()
            held = _Held(page)
        held.reference = reference
        held.add(number, row, shape)
    yield held.table()
