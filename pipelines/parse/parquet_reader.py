"""Parquet: every value as text without loss, in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.parse.arrow_to_text import arrow_to_text
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.spool import Spool
from citylake.schemas.model.formats import ParquetFormat


def read_parquet(request: ReadRequest, fmt: ParquetFormat) -> ReadResult:
    """Write every file of ``request`` as one table; ``_part`` is the file if there are several, ``_row`` from 1.

    Raises FILE_EMPTY, PARQUET_BROKEN, HEADER_DUPLICATE or COLUMN_RESERVED.
    """
    spool, groups, columns = Spool(request.scratch), 0, dict[str, None]()
    for number, path in enumerate(request.files, 1):
        with open_parquet(request, path) as file:
            check_column_names(request, tuple(file.schema_arrow.names), 1)
            columns |= dict.fromkeys(file.schema_arrow.names)
            groups += file.num_row_groups
            for batch in _text_batches(request, file, str(number) if len(request.files) > 1 else ""):
                spool.add(batch)
    written = request.write(spool.frame(columns))
    report = ParseReport({"files": len(request.files), "row_groups": groups})
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(tuple(columns), written, report)


def open_parquet(request: ReadRequest, path: Path) -> pq.ParquetFile:
    """The file; raises FILE_EMPTY or PARQUET_BROKEN."""
    if not path.stat().st_size:
        raise request.fault("FILE_EMPTY", row=1)
    try:
        # INT96 timestamps cover years that nanoseconds do not; writers of INT96 rarely have more than microseconds.
        return pq.ParquetFile(path, coerce_int96_timestamp_unit="us", page_checksum_verification=True, pre_buffer=False)
    except (pa.ArrowException, OSError) as error:
        raise _parquet_fault(request, error) from error


def _text_batches(request: ReadRequest, file: pq.ParquetFile, part: str) -> Iterator[pl.DataFrame]:
    """The rows as text, with ``_part`` and ``_row``, in batches of bounded size."""
    start = 1
    for batch in arrow_batches(request, file):
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
        yield from file.iter_batches(_rows_at_once(file), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise _parquet_fault(request, error) from error


def _rows_at_once(file: pq.ParquetFile) -> int:
    """Rows of a batch; fewer if rows are wide."""
    groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=1)
    return max(1, min(BATCH_ROWS, int(BATCH_CHARS / max(widest, 1))))


def _parquet_fault(request: ReadRequest, error: Exception) -> Exception:
    return request.fault("PARQUET_BROKEN", reason=str(error).splitlines()[0] if str(error) else type(error).__name__)
