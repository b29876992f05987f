"""Arrow batches to Parquet files for the landing zone: the same rows in the same order give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart
from citylake.schemas.words.errors import CitylakeError

_CHUNK = 1 << 20


@dataclass(slots=True)
class OpenParquetPart:
    """A file that is being written."""

    path: Path
    writer: pq.ParquetWriter
    rows: int = 0


def write_parquet_parts(
    batches: Iterator[pa.RecordBatch], rows_per_file: int, tally: FetchProgress
) -> Iterator[LandedPart]:
    """Files of at most ``rows_per_file`` rows, one at a time on the local disk; ``tally.stored`` counts the rows.

    If the batches end with an error, what came before is landed, and then the error is raised.
    """
    tally.stored, number = 0, 0
    with scratch_folder() as scratch:
        filling: OpenParquetPart | None = None
        fault: CitylakeError | None = None
        try:
            for batch in batches:
                for piece in _split_batch(batch, rows_per_file, filling):
                    filling = filling or _open_parquet_part(Path(scratch) / "part.parquet", piece.schema)
                    filling.writer.write_batch(piece)
                    filling.rows += piece.num_rows
                    if filling.rows >= rows_per_file:
                        number += 1
                        yield _finish_parquet_part(filling, number, tally)
                        filling = None
        except CitylakeError as error:
            fault = error
        if filling and (filling.rows or not number):
            yield _finish_parquet_part(filling, number + 1, tally)
        if fault:
            raise fault


def _split_batch(batch: pa.RecordBatch, most: int, filling: OpenParquetPart | None) -> Iterator[pa.RecordBatch]:
    """The batch, split where a file is full; an empty one stays because of its columns."""
    start, room = 0, most - (filling.rows if filling else 0)
    while True:
        yield batch.slice(start, room)
        start, room = start + room, most
        if start >= batch.num_rows:
            return


def _open_parquet_part(path: Path, schema: pa.Schema) -> OpenParquetPart:
    return OpenParquetPart(path, pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True))


def _finish_parquet_part(filling: OpenParquetPart, number: int, tally: FetchProgress) -> LandedPart:
    filling.writer.close()
    tally.stored = (tally.stored or 0) + filling.rows
    return LandedPart(f"{number:05d}.parquet", _read_part_file(filling.path))


def _read_part_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(partial(file.read, _CHUNK), b"")
