"""One table of a GTFS zip: ``<table>.txt`` at the root; all other members are ignored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from citylake.pipelines.parse.csv_reader import read_csv
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult
from citylake.pipelines.pull import zip_archive
from citylake.schemas.model.formats import CsvFormat, GtfsFormat

_MAX_BYTES = 50_000_000_000
GTFS_CSV = CsvFormat(delimiter=",")


def read_gtfs(request: ReadRequest, fmt: GtfsFormat) -> ReadResult:
    """Write the table; ``_part`` is the member, ``_row`` its line. Raises GTFS_NO_TABLE, and faults of zip and CSV."""
    within = unpack_gtfs_table(request, fmt)
    if within is None:
        return ReadResult((), request.write(pl.LazyFrame(schema={"_part": pl.String, "_row": pl.Int64})), ParseReport())
    return read_csv(within, GTFS_CSV, part=gtfs_member_name(fmt))


def gtfs_member_name(fmt: GtfsFormat) -> str:
    """The table's name within the zip."""
    return f"{fmt.table}.txt"


def unpack_gtfs_table(request: ReadRequest, fmt: GtfsFormat) -> ReadRequest | None:
    """The table unpacked to scratch; None if an optional table is missing."""
    name = gtfs_member_name(fmt)
    path = _unpack_member(request, name, fmt)
    return replace(request, files=(path,), shown=f"{request.shown}!{name}") if path else None


def _unpack_member(request: ReadRequest, member: str, fmt: GtfsFormat) -> Path | None:
    target = request.scratch / member
    with request.files[0].open("rb") as file, zip_archive.open_zip(file, request.shown) as zipped:
        info = zip_archive.find_zip_member(zipped, member, request.shown)
        if info is None:
            if fmt.optional:
                return None
            names = sorted(map(zip_archive.zip_member_name, zipped.infolist()))
            raise request.fault("GTFS_NO_TABLE", table=fmt.table, members=", ".join(names))
        with target.open("wb") as out:
            out.writelines(zip_archive.read_zip_member(zipped, info, request.shown, _MAX_BYTES))
    return target
