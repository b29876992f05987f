"""The first values of a source's fields as they were received, for fields that nothing binds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.parse.plain_range import read_plain_range
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import ReadRecord
from citylake.pipelines.read.receipt_records import load_receipts, receipt_in_lake, stored_text_files
from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError

SAMPLED_ROWS: Final = 200
_SAMPLED_BYTES: Final = 256_000
FieldValues = Mapping[str, list[str | None]]
"""Values by field, row by row."""


def sample_sources(lake: Lake, ledger: Ledger, datasets: list[str]) -> dict[str, FieldValues]:
    """Return the first rows of each dataset's newest text, at most ``SAMPLED_ROWS``.

    None of those whose bytes are gone, or sealed: no sample is worth the key.
    """
    newest = {dataset: name for dataset in datasets if (name := _newest_receipt(lake, dataset))}
    found = {}
    for receipt in load_receipts(ledger, newest.values()):
        # Bytes past their retention, or lost, leave the names of the contract.
        with suppress(CitylakeError, OSError, UnicodeDecodeError, csv.Error):
            found[receipt.dataset] = _sample(lake, receipt_in_lake(lake, receipt))
    return found


def _newest_receipt(lake: Lake, dataset: str) -> str | None:
    folder = lake.path("raw", dataset)
    if not lake.fs.exists(folder):
        return None
    return max((path.rstrip("/").rpartition("/")[2] for path in lake.fs.ls(folder, detail=False)), default=None)


def _sample(lake: Lake, receipt: Receipt) -> FieldValues:
    raw = RawFile(lake, receipt, {})
    if raw.sealed:
        return {}
    record = raw.find_record()
    if record is not None:
        return _plain_sample(lake, receipt, record)
    files, _ = stored_text_files(lake, receipt)
    if not files:
        return {}
    rows = pl.scan_parquet(files[0], storage_options=lake.storage_options, glob=False).head(SAMPLED_ROWS).collect()
    kept = [name for name in rows.columns if name not in PROVENANCE_COLUMNS]
    return {name: rows[name].cast(pl.String).to_list() for name in kept if rows[name].dtype != pl.List}


def _plain_sample(lake: Lake, receipt: Receipt, record: ReadRecord) -> FieldValues:
    end = min(record.size, record.offset + _SAMPLED_BYTES)
    text = read_plain_range(receipt, record, lake, record.offset, end)
    # The last line may be cut, in the middle of a character.
    whole = text[: text.rfind(b"\n") + 1] if end < record.size else text
    rows = list(_rows(whole.decode(_python_encoding(record)), record))
    return {name: [row[at] if at < len(row) else None for row in rows] for at, name in enumerate(record.columns)}


def _python_encoding(record: ReadRecord) -> str:
    return (record.rewritten.encoding and "utf-8") or record.encoding or "utf-8"


def _rows(text: str, record: ReadRecord) -> Iterator[list[str]]:
    quote = record.quote or None
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=record.delimiter,
        quotechar=quote,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
    )
    for number, row in enumerate(reader):
        if number == SAMPLED_ROWS:
            return
        yield row
