"""Parquet: every value as text without loss, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from citylake.pipelines.parse.arrow_to_text import arrow_to_text
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS, FOOTER_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.model.formats import ParquetFormat

_TAIL_BYTES = 8
"""The length of the metadata and ``PAR1``, at the end of a file."""


def read_parquet(request: ReadRequest, fmt: ParquetFormat) -> ReadResult:
    """Write every file of ``request`` as one table; ``_part`` is the file if there are several, ``_row`` from 1.

    Raises FILE_EMPTY, PARQUET_BROKEN, HEADER_DUPLICATE, COLUMN_RESERVED, or a limit's fault.
    """
    spool, groups, rows, columns = Spool(request.scratch), 0, 0, dict[str, None]()
    for number, path in enumerate(request.files, 1):
        with open_parquet(request, path) as file:
            check_column_names(request, tuple(file.schema_arrow.names), 1)
            columns |= dict.fromkeys(file.schema_arrow.names)
            groups += file.num_row_groups
            rows += file.metadata.num_rows
            request.check_rows(rows)
            for batch in _text_batches(request, file, str(number) if len(request.files) > 1 else ""):
                spool.add(batch)
    written = request.write(spool.frame(columns), spool.group_rows)
    report = ParseReport({"files": len(request.files), "row_groups": groups})
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(tuple(columns), written, report)


def open_parquet(request: ReadRequest, path: Path) -> pq.ParquetFile:
    """The file, its texts as dictionaries; raises FILE_EMPTY, PARQUET_BROKEN or COLUMNS_TOO_MANY.

    A dictionary keeps a text once that is repeated in every row, so that a batch can be cut before it is text.
    """
    if not path.stat().st_size:
        raise request.fault("FILE_EMPTY", row=1)
    _check_footer(request, path)
    # INT96 timestamps cover years that nanoseconds do not; writers of INT96 rarely have more than microseconds.
    options: dict[str, Any] = {"coerce_int96_timestamp_unit": "us", "page_checksum_verification": True}
    try:
        found = pq.ParquetFile(path, pre_buffer=False, **options)
        schema = found.schema_arrow
        request.check_columns(len(schema.names), 1)
        texts = [each.name for each in schema if _is_text(each.type)]
        repeated = pq.ParquetFile(path, pre_buffer=False, read_dictionary=texts, **options) if texts else found
    except (pa.ArrowException, OSError) as error:
        raise _parquet_fault(request, error) from error
    return repeated


def _check_footer(request: ReadRequest, path: Path) -> None:
    """Refuse a description of columns that would fill the memory; it takes many times its bytes."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        size = int.from_bytes(file.read(_TAIL_BYTES)[:4], "little")
    if _TAIL_BYTES + size <= path.stat().st_size and size > FOOTER_BYTES:
        raise request.fault("PARQUET_BROKEN", reason=f"{size} bytes of metadata, more than {FOOTER_BYTES}")


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _text_batches(request: ReadRequest, file: pq.ParquetFile, part: str) -> Iterator[pl.DataFrame]:
    """The rows as text, with ``_part`` and ``_row``, in batches of bounded size."""
    start, expanded = 1, 0
    for batch in arrow_batches(request, file):
        expanded += sum(map(_text_bytes, batch.columns))
        request.check_expansion(expanded)
        try:
            columns = {
                name: arrow_to_text(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
        except pa.ArrowException as error:
            raise _parquet_fault(request, error) from error
        numbers = pl.int_range(start, start + batch.num_rows, dtype=pl.Int64, eager=True)
        yield pl.DataFrame(columns).with_columns(_part=pl.lit(part), _row=numbers)
        start += batch.num_rows


def arrow_batches(request: ReadRequest, file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """The rows in batches of bounded size; raises PARQUET_BROKEN."""
    try:
        for batch in file.iter_batches(_rows_at_once(file), use_threads=False):
            rows = max(1, batch.num_rows * BATCH_CHARS // max(BATCH_CHARS, *map(_text_bytes, batch.columns)))
            yield from (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))
    except (pa.ArrowException, OSError) as error:
        raise _parquet_fault(request, error) from error


def _text_bytes(column: pa.Array) -> int:
    """Bytes of a column once its dictionary is text."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    return int(pc.sum(pc.binary_length(column.dictionary).take(column.indices)).as_py() or 0)


def _rows_at_once(file: pq.ParquetFile) -> int:
    """Rows of a batch; fewer if rows are wide."""
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1)
    rows = min(BATCH_CHARS / max(widest, 1), BATCH_PLACES / max(file.metadata.num_columns, 1))
    return max(1, min(BATCH_ROWS, int(rows)))


def _parquet_fault(request: ReadRequest, error: Exception) -> Exception:
    return request.fault("PARQUET_BROKEN", reason=str(error).splitlines()[0] if str(error) else type(error).__name__)
