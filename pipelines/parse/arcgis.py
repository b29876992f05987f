"""Esri JSON: a row a feature, its attributes as columns, its geometry in WGS-84 beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.parse.envelope import member
from pipelines.parse.esri import Number, Shapes, reference_of
from pipelines.parse.flatten import Row, flat
from pipelines.parse.given import Given, Read, Report, check_names, texts
from pipelines.parse.jsonstream import JsonBrokenError, RepeatedMemberError, decoder
from pipelines.parse.limits import BATCH_CHARS, BATCH_ROWS
from pipelines.parse.members import members
from pipelines.parse.spool import Spool
from pipelines.parse.text import as_text, bad_row
from schemas.formats import ArcgisFormat

_DECODER = decoder(Number)
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
    columns = tuple(column for column in spool.columns if column not in ("_part", "_row"))
    check_names(given, columns, 1)
    written = given.write(spool.frame())
    report.facts |= {"features": rows, "pages": len(given.files)}
    if not written:
        report.tell("HEADER_ONLY", file=given.shown, row=1)
    return Read(columns, written, report)


def _page(given: Given, path: Path, report: Report) -> Iterator[pl.DataFrame]:
    text = as_text(given, path, "utf-8", "json", report)
    try:
        yield from _batches(_Page.of(given, text.path))
    except UnicodeDecodeError:
        raise given.fault("ENCODING_WRONG", row=bad_row(text.path, "utf-8"), encoding=text.encoding) from None


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page says before its features."""

    given: Given
    path: Path
    reference: Any
    kind: Any
    columns: tuple[str, ...]

    @classmethod
    def of(cls, given: Given, path: Path) -> _Page:
        try:
            reference, kind = member(path, "spatialReference"), member(path, "geometryType")
            named = members(given, path, "fields") if member(path, "fields") is not None else iter(())
            columns = tuple(str(item["name"]) for item in named if item.get("type") != _SHAPE)
        except (JsonBrokenError, RepeatedMemberError):
            # The features themselves come upon it, and tell where.
            reference, kind, columns = None, None, ()
        return cls(given, path, reference, kind, columns)

    def features(self) -> Iterator[tuple[int, Row, Any]]:
        """The number, the attributes and the geometry of each."""
        for row, feature in enumerate(members(self.given, self.path, "features", _DECODER), 1):
            if not isinstance(feature, dict) or not isinstance(feature.get("attributes"), dict):
                raise self.given.fault("JSON_NO_RECORDS", path="features.attributes", row=row)
            yield row, flat(feature["attributes"]), feature.get("geometry")


@dataclass(slots=True)
class _Held:
    """Features of one spatial reference that wait to be written."""

    page: _Page
    reference: str
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    chars: int = 0

    def add(self, number: int, row: Row, shape: Any) -> None:
        self.rows.append(row)
        self.numbers.append(number)
        self.shapes.append(shape)
        self.chars += sum(len(value) for value in row.values() if value)

    def table(self) -> pl.DataFrame:
        names = dict.fromkeys((*self.page.columns, *(name for row in self.rows for name in row)))
        made = Shapes(self.page.given, self.numbers, self.shapes, self.reference, self.page.kind).columns()
        frame = pl.DataFrame(self.rows, schema=texts(names))
        clash = next((name for name in made if name in names), None)
        if clash:
            raise self.page.given.fault("JSON_COLUMN_CLASH", row=self.numbers[0], column=clash)
        shapes = pl.DataFrame(made, schema=texts(made))
        return frame.with_columns(shapes.get_columns()).with_columns(_row=pl.Series(self.numbers, dtype=pl.Int64))


def _batches(page: _Page) -> Iterator[pl.DataFrame]:
    """Features as text columns, a bounded number at a time; one table of no rows where there are none."""
    held = _Held(page, reference_of(page.reference))
    for number, row, shape in page.features():
        own = reference_of(shape.get("spatialReference")) if isinstance(shape, dict) else ""
        reference = own or (reference_of(page.reference) if shape else held.reference)
        if held.rows and (reference != held.reference or len(held.rows) >= BATCH_ROWS or held.chars >= BATCH_CHARS):
            yield held.table()
            held = _Held(page, reference)
        held.reference = reference
        held.add(number, row, shape)
    yield held.table()
