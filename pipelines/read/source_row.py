"""One row of a source, as text: found by its receipt and its number, without reading the others."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import SourceRestartedError
from citylake.pipelines.lake.access_record import Access, Asked, process_user, recorded_access
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.sealed_file import plain_copies
from citylake.pipelines.parse.csv_blocks import CsvBlockReader
from citylake.pipelines.parse.landed_bytes import plain_file
from citylake.pipelines.parse.plain_range import read_plain_range
from citylake.pipelines.parse.plan_read import refuse_write
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import ReadRecord, reading_differs
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.read.receipt_records import load_receipts, receipt_in_lake, stored_text_files
from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError

SourceRow = dict[str, str | None]
"""The source's fields, as text; None if a field has no value."""


def read_source_row(lake: Lake, receipt: str, row: int, part: str = "", asked: Asked | None = None) -> SourceRow:
    """The row ``row`` (``_row``) of a receipt (``_receipt``), in the part ``part`` (``_part``) if it has several.

    Raises SOURCE_ROW_MISSING, LANDING_LOST if the landed bytes that have the row are gone, LANDING_CHANGED if the lake
    compressed them and they are not those received, READ_RECORD_BROKEN, and READING_DIFFERS if the bytes there are no
    such row any more. If the bytes are sealed, the access is recorded as one of ``asked``; KEY_UNSET without the key.
    """
    ledger = Ledger(lake)
    found = [receipt_in_lake(lake, each) for each in load_receipts(ledger, [receipt])]
    text = None
    for each in found:
        with _recorded(ledger, each, row, asked or Asked()):
            text = find_row_of(lake, each, row, part)
    if text is None:
        raise CitylakeError("SOURCE_ROW_MISSING", receipt=receipt, row=row)
    return text


def _recorded(ledger: Ledger, receipt: Receipt, row: int, asked: Asked) -> AbstractContextManager[object]:
    if not RawFile(ledger.lake, receipt, {}).sealed:
        return nullcontext()
    user, request = process_user(asked.user), f"{receipt.id}/{row}"
    access = Access("trace", "dataset", receipt.dataset, request, user, asked.via, asked.why, rows=1)
    return recorded_access(ledger, access)


def find_row_of(lake: Lake, receipt: Receipt, row: int, part: str = "") -> SourceRow | None:
    """The row of a receipt whose landed files are in this lake; None if there is none. Raises as the other does."""
    record = RawFile(lake, receipt, {}).find_record()
    if record is None:
        return _stored_row(lake, receipt, row, part)
    span = record.span_of(row)
    if span is None or part not in ("", record.part):
        return None
    lines = read_plain_range(receipt, record, lake, span.start, span.end).split(b"\n")
    if span.index >= len(lines):
        raise reading_differs(receipt, record, f"row {row:,} missing")
    # The last line may have no end, and then no carriage return of one either.
    ended = lines[span.index].removesuffix(b"\r") + b"\r\n" if record.line_end == "\r\n" else lines[span.index] + b"\n"
    return _split_line(ended, lake, receipt, record, row)


def _split_line(line: bytes, lake: Lake, receipt: Receipt, record: ReadRecord, row: int) -> SourceRow:
    """The fields of one line, by the reader of the whole file."""
    with scratch_folder() as scratch:
        path = Path(scratch) / "line"
        path.write_bytes(line)
        request = ReadRequest((path,), receipt.source, Path(scratch), refuse_write)
        file = plain_file(request, record, RawFile(lake, receipt, record.constants), path)
        layout = replace(file.layout, offset=0, first_line=row)
        file = replace(file, layout=layout, size=len(line), recorded=None)
        reader = CsvBlockReader(Budget())
        try:
            block = reader.load(list(reader.parts(file)))
        except SourceRestartedError as error:
            raise reading_differs(receipt, record, f"row {row:,}: {error}") from error
        block.row = block.numbers()
        return _fields(block.texts(np.zeros(1, np.int64)).to_pylist()[0])


def _stored_row(lake: Lake, receipt: Receipt, row: int, part: str) -> SourceRow | None:
    files, _ = stored_text_files(lake, receipt)
    if not files:
        return None
    with scratch_folder() as scratch:
        plain = plain_copies(lake, files, Path(scratch))
        texts = pl.scan_parquet(list(plain), storage_options=lake.storage_options, glob=False)
        chosen = texts.filter(pl.col("_row") == row, pl.col("_part") == part if part else pl.lit(value=True))
        rows = chosen.head(1).collect(engine="streaming").to_dicts()
    return _fields(rows[0]) if rows else None


def _fields(row: dict[str, Any]) -> SourceRow:
    return {name: value for name, value in row.items() if name not in PROVENANCE_COLUMNS}
