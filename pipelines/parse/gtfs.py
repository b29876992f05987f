"""One table of a GTFS zip: ``<table>.txt`` at the root; whatever else is in the zip is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl

from pipelines.parse import delimited
from pipelines.parse.given import Given, Read, Report
from pipelines.pull import archive
from schemas.formats import CsvFormat, GtfsFormat

_MAX_BYTES = 50_000_000_000
CSV = CsvFormat(delimiter=",")


def read(given: Given, fmt: GtfsFormat) -> Read:
    """Write the table; ``_part`` is the member, ``_row`` its line. Raises GTFS_NO_TABLE, or as a zip and a CSV do."""
    within = table(given, fmt)
    if within is None:
        return Read((), given.write(pl.LazyFrame(schema={"_part": pl.String, "_row": pl.Int64})), Report())
    return delimited.read(within, CSV, part=member(fmt))


def member(fmt: GtfsFormat) -> str:
    """The table's name within the zip."""
    return f"{fmt.table}.txt"


def table(given: Given, fmt: GtfsFormat) -> Given | None:
    """The table alone, unpacked to scratch; None where an optional one is not there."""
    name = member(fmt)
    path = _unpacked(given, name, fmt)
    return replace(given, files=(path,), shown=f"{given.shown}!{name}") if path else None


def _unpacked(given: Given, member: str, fmt: GtfsFormat) -> Path | None:
    target = given.scratch / member
    with given.files[0].open("rb") as file, archive.opened(file, given.shown) as zipped:
        infos = {archive.member_name(info): info for info in zipped.infolist()}
        if member not in infos:
            if fmt.optional:
                return None
            raise given.fault("GTFS_NO_TABLE", table=fmt.table, members=", ".join(sorted(infos)))
        with target.open("wb") as out:
            out.writelines(archive.unpacked(zipped, infos[member], given.shown, _MAX_BYTES))
    return target
