"""A first look at a receipt: where its bytes are on the local disk, and whether they can be read by blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.blocks.block import PROVENANCE
from pipelines.lake import Lake
from pipelines.parse import gtfs
from pipelines.parse.direct import Direct
from pipelines.parse.given import Given, Report
from pipelines.parse.layout import Layout, layout
from pipelines.parse.raw import RawFile
from pipelines.parse.text import Text, as_text, in_utf8, parted_as_bytes
from pipelines.records import Receipt
from schemas.contract import Contract
from schemas.faults import CitylakeError
from schemas.formats import CsvFormat, GtfsFormat

if TYPE_CHECKING:
    import polars as pl


def look(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path) -> Direct | None:
    """The receipt's CSV by blocks; None where that cannot be, for whatever fault: who reads with care tells it."""
    fmt = contract.source.layout(receipt.landing)
    if not isinstance(fmt, CsvFormat | GtfsFormat) or len(receipt.landing) != 1:
        return None
    with suppress(CitylakeError, UnicodeError):
        raw = RawFile(lake, receipt, from_name(receipt, contract))
        folder = scratch / receipt.id
        folder.mkdir(exist_ok=True)
        files = local(receipt, lake, folder)
        given = Given(files, receipt.source, folder, _unwritten, frozenset((*PROVENANCE, *raw.constants)))
        if isinstance(fmt, CsvFormat):
            return _direct(given, raw, fmt)
        within = gtfs.table(given, fmt)
        return _direct(within, raw, gtfs.CSV, gtfs.member(fmt)) if within else None
    return None


def _direct(given: Given, raw: RawFile, fmt: CsvFormat, part: str = "") -> Direct | None:
    if fmt.footer or fmt.comment:
        return None
    report = Report()
    text = as_text(given, given.files[0], fmt.encoding, "csv", report)
    found = layout(given, text, fmt, report)
    if not parted_as_bytes(text.encoding, found.dialect.delimiter, found.dialect.quote):
        text = in_utf8(given, text)
        found = layout(given, text, fmt, Report())
    if found.width == 1 or found.width != len(found.columns) or text.path.stat().st_size <= found.offset:
        return None
    if found.repeats:
        names = ", ".join(dict.fromkeys(found.repeats.values()))
        report.tell("COLUMN_REPEATED", file=given.shown, row=fmt.title_rows + 1, columns=names)
    report.facts["reader"] = "fast"
    return Direct(raw, text.path, found, fmt, text.encoding, text.sure, _carriage(text, found), report, part)


def _carriage(text: Text, found: Layout) -> bool:
    with text.path.open("rb") as file:
        file.seek(found.offset)
        return file.readline().endswith(b"\r\n")


def _unwritten(_: pl.LazyFrame) -> int:
    """A look writes nothing."""
    raise AssertionError


def local(receipt: Receipt, lake: Lake, scratch: Path) -> tuple[Path, ...]:
    """The landed files on the local disk; copies where the lake is an object store."""
    files = []
    for number, path in enumerate(receipt.landing):
        copy = Path(path) if lake.local else scratch / f"landed-{number:05d}"
        try:
            if lake.local:
                copy.stat()
            else:
                lake.fs.get_file(path, str(copy))
        except OSError as error:
            raise CitylakeError("LANDING_LOST", file=path, reason=error.strerror or str(error)) from error
        files.append(copy)
    return tuple(files)


def from_name(receipt: Receipt, contract: Contract) -> Mapping[str, str | None]:
    """The source fields that the file's name holds; raises NAME_UNMATCHED."""
    pattern = contract.source.name_fields
    if pattern is None:
        return {}
    match = re.search(pattern, receipt.name)
    if match is None:
        raise CitylakeError("NAME_UNMATCHED", file=receipt.name, pattern=pattern)
    return match.groupdict()
