"""The rows of receipts that are read again: from the landed bytes, or from the raw zone if those are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN, StoredRows
from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipts
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.records import ParsedReceipt, Receipt, RefusedRecords
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem


def open_replayed(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], scratch: Path
) -> list[SourceRows]:
    """The rows of the receipts, in order; one whose bytes and text are gone has the problem REPLAY_BYTES_LOST.

    The landed bytes come first: they are read by today's words of the source (title rows, encoding), too.
    """
    lake = context.lake
    here = [replace(each, landing=tuple(_relocate(lake, path) for path in each.landing)) for each in receipts]
    landed = [each for each in here if each.landing and all(lake.fs.exists(path) for path in each.landing)]
    found = open_receipts(landed, contract, lake, scratch, context.budget, locale=context.locale)
    rest = [each for each in here if each not in landed]
    found += [StoredRows(_stored_text(each, lake), lake, context.budget) for each in rest]
    return sorted(found, key=lambda source: source.receipt.id)


def _relocate(lake: Lake, path: str) -> str:
    """The path of a landed file in this lake, which may have been restored to another place."""
    _, mark, rest = path.partition("/landing/")
    return lake.path("landing", rest) if mark else path


def _stored_text(receipt: Receipt, lake: Lake) -> ParsedReceipt:
    """The receipt as the raw zone has it."""
    raw = RawFile(lake, receipt, {})
    found = (
        [path.rpartition("/")[2] for path in lake.fs.ls(raw.folder, detail=False)] if lake.fs.exists(raw.folder) else []
    )
    refused = f"{raw.folder}/{name}" if (name := raw.refused_path.rpartition("/")[2]) in found else None
    files = tuple(f"{raw.folder}/{name}" for name in sorted(found) if name.startswith("part-"))
    if not files:
        values = {"dataset": receipt.dataset, "file": receipt.name, "receipt": receipt.id}
        return ParsedReceipt(receipt, (), (), 0, {}, Problem("REPLAY_BYTES_LOST", values))
    columns, rows = _read_footers(lake, files)
    fields = tuple(name for name in columns if name not in (*PROVENANCE_COLUMNS, FAULT_COLUMN))
    records = RefusedRecords((refused,), _read_footers(lake, [refused])[1]) if refused else RefusedRecords()
    return ParsedReceipt(receipt, files, fields, rows, {}, refused=records)


def _read_footers(lake: Lake, files: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """The columns of the files and the number of their rows."""
    columns: tuple[str, ...] = ()
    rows = 0
    for path in files:
        with lake.fs.open(path, "rb") as file:
            footer = pq.ParquetFile(file)
            columns, rows = tuple(footer.schema_arrow.names), rows + footer.metadata.num_rows
    return columns, rows
