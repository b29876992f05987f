"""Files as councils sent them, and the rows that the registry of planning data makes of them (with GDAL).

335 of 358 cells (94 %) are equal as they stand. The other 23 are the 19 geometries and 4 numbers: the registry writes
coordinates with ten significant digits, numbers with fifteen, and every polygon as a multipolygon. Written so, all 358
are equal. The registry leaves out the data of KML's placemarks; here they are columns.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely

from citylake.pipelines.parse.format_api import load_format
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.model.formats import CsvFormat, GeoFormat, SourceFormat, XlsxFormat

PAIRS: dict[str, SourceFormat] = {
    "csv": CsvFormat(),
    "geojson": GeoFormat(),
    "kml": GeoFormat(),
    "shapefile_zip": GeoFormat(),
    "xlsx": XlsxFormat(),
}
KML_ONLY_HERE = {"id", "shape_star", "shape_stle"}
"""Data of the placemarks, which the registry's converter leaves out."""
Read = Callable[[str], tuple[pl.DataFrame, pl.DataFrame]]


@pytest.fixture
def read(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Read:
    """``read(pair)``: what is read of the resource, and the registry's rows, under the same names."""
    taken: list[pl.DataFrame] = []

    def write(rows: pl.LazyFrame, _group_rows: int = 0) -> int:
        taken.append(rows.collect())
        return len(taken[-1])

    def run(pair: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        fmt, folder = PAIRS[pair], data / "digital_land/golden"
        request = ReadRequest((folder / f"{pair}.resource",), pair, tmp_path_factory.mktemp(pair), write)
        load_format(fmt.type).read(request, fmt)
        golden = pl.read_csv(folder / f"{pair}.csv", infer_schema=False).fill_null("")
        return taken[-1].fill_null("").rename({"geometry": "WKT", "name": "Name"}, strict=False), golden

    return run


@pytest.mark.parametrize("pair", PAIRS)
def test_every_cell_is_what_the_registry_has(read: Read, pair: str) -> None:
    found, golden = read(pair)
    assert len(found) == len(golden)
    for column in golden.columns:
        theirs = golden[column].to_list()
        ours = found[column].to_list() if column in found.columns else [""] * len(found)
        rounded = (
            as_multipolygons(ours)
            if column == "WKT"
            else [as_fifteen_digits(*each) for each in zip(ours, theirs, strict=True)]
        )
        assert rounded == theirs, column
    more = set(found.columns) - set(golden.columns) - {"_part", "_row", "geometry.crs", "geometry.bbox"}
    assert more == (KML_ONLY_HERE if pair == "kml" else set())


def test_the_share_that_is_equal_without_rounding(read: Read) -> None:
    equal = total = 0
    for pair in PAIRS:
        found, golden = read(pair)
        for column in golden.columns:
            ours = found[column].to_list() if column in found.columns else [""] * len(found)
            equal += sum(one == other for one, other in zip(ours, golden[column], strict=True))
            total += len(golden)
    assert (equal, total) == (335, 358)


def test_the_reference_systems_are_the_files_own(read: Read) -> None:
    found = {pair: set(read(pair)[0]["geometry.crs"]) for pair in ("geojson", "kml", "shapefile_zip")}
    assert found == {"geojson": {"OGC:CRS84"}, "kml": {"OGC:CRS84"}, "shapefile_zip": {"EPSG:27700"}}


def as_multipolygons(texts: list[str]) -> list[str]:
    """The registry's way of writing: no space after a comma, ten digits, and multipolygons alone."""
    return [_multipolygon(shapely.from_wkt(text)) for text in texts]


def _multipolygon(shape: Any) -> str:
    polygons = [[each.exterior, *each.interiors] for each in getattr(shape, "geoms", [shape])]
    body = ",".join(f"({','.join(_ring(ring) for ring in rings)})" for rings in polygons)
    return f"MULTIPOLYGON ({body})"


def _ring(ring: Any) -> str:
    return f"({','.join(_spot(x, y) for x, y, *_ in ring.coords)})"


def _spot(x: float, y: float) -> str:
    """GDAL writes ``.0`` unless both numbers are whole."""
    whole = x.is_integer() and y.is_integer()
    return " ".join(f"{each:.10g}{'.0' if each.is_integer() and not whole else ''}" for each in (x, y))


def as_fifteen_digits(ours: str, theirs: str) -> str:
    """The number in the registry's digits, if that is the only difference."""
    if ours == theirs or not theirs.replace(".", "", 1).isdecimal():
        return ours
    return f"{float(ours):.15g}"
