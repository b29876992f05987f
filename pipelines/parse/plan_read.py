"""The plan for a receipt: where its bytes are on the local disk, and whether they can be read by blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse import gtfs_reader
from citylake.pipelines.parse.compressed_file import DEFAULT_UNPACKED_BYTES, unpack_file
from citylake.pipelines.parse.csv_layout import CsvLayout, detect_csv_layout
from citylake.pipelines.parse.encoding_candidates import contract_locale
from citylake.pipelines.parse.local_landing import local_landing, received_layout
from citylake.pipelines.parse.plain_csv import PlainCsvFile
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import Rewriting
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.single_delimiter import with_single_delimiter
from citylake.pipelines.parse.text_encoding import EncodedFile, detect_encoding, splits_as_bytes, to_utf8
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.formats import CsvFormat, Datex2Format, GtfsFormat
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl


def plan_read(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path, locale: str = "") -> PlainCsvFile | None:
    """The receipt's CSV to be read by blocks; None if that is not possible. The general reader reports any fault.

    ``locale``: the workspace's language tag or time zone, for a contract that states none.
    """
    fmt = received_layout(receipt, contract)
    if not isinstance(fmt, CsvFormat | GtfsFormat) or len(receipt.landing) != 1:
        return None
    with suppress(CitylakeError, UnicodeError):
        raw = RawFile(lake, receipt, fields_from_name(receipt, contract))
        folder = scratch / receipt.id
        folder.mkdir(exist_ok=True)
        files = unpacked_landing(receipt, contract, lake, folder)
        request = ReadRequest(
            files,
            receipt.source,
            folder,
            refuse_write,
            frozenset((*PROVENANCE_COLUMNS, *raw.constants)),
            locale=contract_locale(contract) or locale,
        )
        words = reading_words(receipt, contract, locale)
        if isinstance(fmt, CsvFormat):
            return _plan_csv(request, raw, fmt, words)
        within = gtfs_reader.unpack_gtfs_table(request, fmt)
        part = gtfs_reader.gtfs_member_name(fmt)
        return _plan_csv(within, raw, gtfs_reader.GTFS_CSV, words, part) if within else None
    return None


def reading_words(receipt: Receipt, contract: Contract, locale: str) -> dict[str, Any]:
    """What contract and workspace say about how the receipt's bytes are read: with other words they are read anew."""
    fmt = received_layout(receipt, contract)
    stated = fmt.model_dump(mode="json", exclude_defaults=True) | {"type": fmt.type}
    return {"format": stated, "name_fields": contract.source.name_fields, "locale": contract_locale(contract) or locale}


def _plan_csv(
    request: ReadRequest, raw: RawFile, fmt: CsvFormat, words: Mapping[str, Any], part: str = ""
) -> PlainCsvFile | None:
    if fmt.footer or fmt.comment or fmt.escape:
        return None
    report = ParseReport()
    text = detect_encoding(request, request.files[0], fmt.encoding, "csv", report, whole=False)
    text, fmt = with_single_delimiter(request, text, fmt, report)
    if not splits_as_bytes(text.encoding, fmt.delimiter or ",", fmt.quote):
        text = to_utf8(request, text)
    found = detect_csv_layout(request, text, fmt, report)
    size = text.path.stat().st_size
    if found.width == 1 or found.width != len(found.columns) or size <= found.offset:
        return None
    if found.repeats:
        names = ", ".join(dict.fromkeys(found.repeats.values()))
        report.add_notice("COLUMN_REPEATED", file=request.shown, row=found.header_row, columns=names)
    report.facts["reader"] = "blocks"
    carriage = _ends_with_crlf(text, found)
    said, now = report.facts, found.dialect.delimiter
    was = Rewriting(_if_other(said["encoding"], text.encoding), _if_other(said["delimiter"], now))
    return PlainCsvFile(
        request, raw, text.path, found, fmt, text.encoding, text.checked, carriage, report, size, part, was, words
    )


def _if_other(stated: str, now: str) -> str | None:
    return None if stated == now else stated


def _ends_with_crlf(text: EncodedFile, found: CsvLayout) -> bool:
    with text.path.open("rb") as file:
        file.seek(found.offset)
        return file.readline().endswith(b"\r\n")


def refuse_write(_: pl.LazyFrame) -> int:
    """Planning writes nothing."""
    raise AssertionError


def unpacked_landing(receipt: Receipt, contract: Contract, lake: Lake, scratch: Path) -> tuple[Path, ...]:
    """The landed files on the local disk, unpacked if they are compressed.

    Raises LANDING_LOST, LANDING_CHANGED, COMPRESSED_BROKEN, COMPRESSED_TOO_LARGE or FILE_EXPANDS.
    """
    files = local_landing(receipt, lake, scratch)
    if isinstance(received_layout(receipt, contract), Datex2Format):
        # Its reader unpacks the stream itself.
        return files
    limit = int(getattr(contract.source, "max_bytes", DEFAULT_UNPACKED_BYTES))
    numbered = ((path, scratch / f"unpacked-{number:05d}") for number, path in enumerate(files))
    sure = stated_max_bytes(contract) is not None
    return tuple(unpack_file(path, target, receipt.source, limit, sure=sure) for path, target in numbered)


def stated_max_bytes(contract: Contract) -> int | None:
    """``max_bytes`` of the source if the contract states it; None for its default."""
    source = contract.source
    return int(getattr(source, "max_bytes", 0)) or None if "max_bytes" in source.model_fields_set else None


def fields_from_name(receipt: Receipt, contract: Contract) -> Mapping[str, str | None]:
    """The source fields in the file's name; raises NAME_UNMATCHED."""
    pattern = contract.source.name_fields
    if pattern is None:
        return {}
    match = re.search(pattern, receipt.name)
    if match is None:
        raise CitylakeError("NAME_UNMATCHED", file=receipt.name, pattern=pattern)
    return match.groupdict()
